# SPDX-License-Identifier: Apache-2.0
"""Prints all eBPF programs and maps the kernel holds, as JSON: [{"kind", "id", "name"}].

The test's own view of what a program left behind, through bpf(2) as in linux/bpf.h; bpftool would do the same, but
Debian's drags in other kernel packages.
"""

import ctypes
import errno
import json
import os
import platform
import struct

SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
OBJ_GET_INFO_BY_FD = 15
# kind: BPF_*_GET_NEXT_ID, BPF_*_GET_FD_BY_ID, offset of the name in struct bpf_prog_info or bpf_map_info
KINDS = {"program": (11, 13, 64), "map": (12, 14, 24)}

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    result = libc.syscall(SYSCALL, command, attributes, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def ids(command):
    last = 0
    while True:
        attributes = ctypes.create_string_buffer(struct.pack("III", last, 0, 0), 12)
        try:
            bpf(command, attributes)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
            raise
        last = struct.unpack_from("I", attributes, 4)[0]
        yield last


def name(command, object_id, offset):
    fd = bpf(command, ctypes.create_string_buffer(struct.pack("III", object_id, 0, 0), 12))
    try:
        info = ctypes.create_string_buffer(offset + 16)
        attributes = struct.pack("IIQ", fd, len(info), ctypes.addressof(info))
        bpf(OBJ_GET_INFO_BY_FD, ctypes.create_string_buffer(attributes, len(attributes)))
        return info.raw[offset:].split(b"\0")[0].decode()
    finally:
        os.close(fd)


found = []
for kind, (next_id, fd_by_id, name_offset) in KINDS.items():
    for object_id in ids(next_id):
        try:
            found.append({"kind": kind, "id": object_id, "name": name(fd_by_id, object_id, name_offset)})
        except FileNotFoundError:
            pass  # gone since it was listed
print(json.dumps(found))
