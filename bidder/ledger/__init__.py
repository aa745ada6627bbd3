"""Where the money is: the book of what is granted, held and spent, and the board by which workers know their share.

budget ─▶ Book.grant ─▶ Board.granted ─▶ Purse (a worker bids) ─▶ Book.hold ─▶ Book.bill | lose | expire
"""
