"""Workbooks from elsewhere become rows: read, laid out, mapped, turned into edits."""
