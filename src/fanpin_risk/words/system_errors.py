"""What the system says when it cannot open, read or write a file, in both languages."""

from __future__ import annotations

import errno

from fanpin_risk.words.message import Message

__all__ = ["system_error"]

SYSTEM_ERRORS: dict[int, Message] = {
    errno.ENOENT: Message("no such file or folder"),
    errno.EACCES: Message("permission denied, or the file is open in another program"),
    errno.EPERM: Message("permission denied, or the file is open in another program"),
    errno.EROFS: Message("the disk can only be read"),
    errno.ENOSPC: Message("the disk is full"),
    getattr(errno, "EDQUOT", -1): Message("the disk is full"),  # the share of it that this user may fill
    errno.EISDIR: Message("it is a folder"),
    errno.ENOTDIR: Message("part of the path is a file, not a folder"),
    errno.EEXIST: Message("it exists already"),
    errno.ENAMETOOLONG: Message("the name is too long"),
    errno.EMFILE: Message("too many files are open"),
    errno.ENFILE: Message("too many files are open"),
    errno.EBUSY: Message("it is in use by another program"),
    errno.EIO: Message("input/output error"),
}


def system_error(error: OSError) -> Message:
    """Return why the system could not do what it was asked to do with a file.

    Examples
    --------
    >>> system_error(FileNotFoundError(errno.ENOENT, "No such file or directory")).shown("zh")
    '没有这个文件或文件夹'
    """
    if error.errno is None:
        return Message("input/output error")
    return SYSTEM_ERRORS.get(
        error.errno, Message("system error {number}: {text}", number=error.errno, text=error.strerror or "")
    )
