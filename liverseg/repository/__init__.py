"""DVC's cache, its lock files and git's history: is what they hold still whole, and whence?"""
