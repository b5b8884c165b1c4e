"""Everything worth telling of one cloud, gathered as plain data; `views` makes a page of it.

Most of it comes from what gureum keeps: the input, the facts of the last look, the journal, the last
verification. Only `live` asks the hosts, and the rest stands without it.
"""
