"""Orders as people speak, given to a real model through the whole product, and judged by the rows afterwards.

    make real MODEL=path.gguf OUT=folder

`bench/real/README.md` says what is measured, and how to write an order.
"""
