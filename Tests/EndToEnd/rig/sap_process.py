"""Listens for announcements by SAP (RFC 2974) and prints each packet: `sap_process.py GROUP INTERFACE`."""

import socket
import sys

_PORT = 9875


def main() -> None:
    group, interface = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((group, _PORT))
        membership = socket.inet_aton(group) + socket.inet_aton(interface)
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        print("listening", flush=True)
        while True:
            print(listener.recv(1 << 16).hex(), flush=True)


if __name__ == "__main__":
    main()
