"""The formats of workbooks beside xlsx, as files have them: nothing here knows of registers, or imports more than it needs.

They are read in a process of their own, which is to start at once.
"""
