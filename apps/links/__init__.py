"""Link graphs of sites: crawled, or imported; what is wrong with their links, and a picture."""
