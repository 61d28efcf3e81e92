"""Whether the user's own words support a change that the model wants to make. Rules alone, in several languages. Pure.

- `words`: a text as words, and when two words count as the same. `vocabulary`: the words with a meaning of their own.
- `numbers`: numbers in digits and in words. `sentences`: which sentences of the user order something.
- `rows`: which rows the words name. `values`: whether a value was said. `places`: where a row is to be moved.
- `support`: puts these together, and says for each change why it is not supported.
"""
