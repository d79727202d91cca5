"""One function per command: load, compute, hand back. Nothing here prints or ends the program."""

from scrutineer.tasks.files import find_data_folder, open_library, write, write_all

__all__ = ["find_data_folder", "open_library", "write", "write_all"]
