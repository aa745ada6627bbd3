"""What the law and the user's choices let us use of a request."""
