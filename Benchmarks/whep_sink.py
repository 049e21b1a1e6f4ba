"""Many WHEP viewers in one process that count the packets they get and throw them away; never counted as ours or a peer's.

Each does what a browser does to begin: an offer, connectivity checks, the DTLS handshake. Media is not decrypted, and nothing is
asked for again. Started as a program: `whep_sink.py URL COUNT`. Prints one line when all play, and ends with its standard input.
"""

import datetime
import re
import secrets
import selectors
import socket
import sys
import time
import urllib.parse

import requests
from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

# Chromium's, in its order.
SRTP_PROFILES = b"SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
# RFC 7675 §5.1: checks go on for as long as media is wanted.
CONSENT_SECONDS = 3


class Identity:
    """The certificate of all viewers."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        self.certificate = builder.not_valid_after(now + datetime.timedelta(days=1)).sign(self.key, hashes.SHA256())
        self.fingerprint = self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
        self.context = SSL.Context(SSL.DTLS_METHOD)
        self.context.use_certificate(self.certificate)
        self.context.use_privatekey(self.key)
        self.context.set_tlsext_use_srtp(SRTP_PROFILES)


class Viewer:
    """One session: call ``receive`` when its socket is readable."""

    def __init__(self, url: str, identity: Identity, scratch: bytearray):
        self._scratch = scratch
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(16)
        self.started = time.monotonic()
        answer = requests.post(
            url, data=self._offer(identity), headers={"Content-Type": "application/sdp"}, timeout=20
        )
        if answer.status_code != 201:
            raise ConnectionError(f"the offer was answered with {answer.status_code}: {answer.text}")
        self.session = urllib.parse.urljoin(url, answer.headers["Location"])

        def attribute(name: str) -> str:
            return re.search(rf"^a={name}:(\S+)", answer.text, re.MULTILINE).group(1)

        self._peer_ufrag, self._peer_password = attribute("ice-ufrag"), attribute("ice-pwd").encode()
        # Whatever addresses it names: it is on this machine.
        port = re.search(r"^a=candidate:\S+ 1 udp \d+ \S+ (\d+) ", answer.text, re.MULTILINE | re.IGNORECASE).group(1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(("127.0.0.1", int(port)))
        self._dtls = SSL.Connection(identity.context)
        self._dtls.set_connect_state()
        self._dtls.set_ciphertext_mtu(1200)
        self._is_checked = self.connected = False
        self.packets = self.bytes = 0
        self.first_packet: float | None = None
        self.check()

    def _offer(self, identity: Identity) -> str:
        lines = [
            "v=0", f"o=- {secrets.randbits(62)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=video 9 UDP/TLS/RTP/SAVPF 102 103", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
            f"a=ice-ufrag:{self._ufrag}", f"a=ice-pwd:{self._password}", f"a=fingerprint:sha-256 {identity.fingerprint}",
            "a=setup:active", "a=mid:0", "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "a=recvonly", "a=rtcp-mux",
            "a=rtcp-rsize", "a=rtpmap:102 H264/90000", "a=rtcp-fb:102 ccm fir", "a=rtcp-fb:102 nack",
            "a=rtcp-fb:102 nack pli", "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
            "a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102",
        ]  # fmt: skip
        return "".join(f"{line}\r\n" for line in lines)

    @property
    def profile(self) -> str:
        """How the media is protected."""
        return self._dtls.get_selected_srtp_profile().decode()

    # MARK: ICE

    def check(self) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._peer_ufrag}:{self._ufrag}"
        request.attributes["PRIORITY"] = 0x7E00_00FF
        request.attributes["ICE-CONTROLLING"] = 1
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._peer_password)
        self._send(bytes(request))

    def _take_stun(self, datagram: bytes) -> None:
        message = stun.parse_message(datagram)
        if message.message_class == stun.Class.RESPONSE:
            if not self._is_checked:
                self._is_checked = True
                self._shake_hands()
        elif message.message_class == stun.Class.REQUEST:
            response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
            response.attributes["XOR-MAPPED-ADDRESS"] = self.socket.getpeername()
            response.add_message_integrity(self._password.encode())
            self._send(bytes(response))

    # MARK: DTLS

    def _shake_hands(self) -> None:
        try:
            self._dtls.do_handshake()
            self.connected = True
        except SSL.WantReadError:
            pass
        while True:
            try:
                self._send(self._dtls.bio_read(1500))
            except SSL.WantReadError:
                return

    def repeat(self) -> None:
        """Sends again what has got no answer."""
        if not self._is_checked:
            self.check()
        elif not self.connected and self._dtls.DTLSv1_get_timeout() == 0:
            self._dtls.DTLSv1_handle_timeout()
            self._shake_hands()

    # MARK: Media

    def _send(self, datagram: bytes) -> None:
        self.socket.send(datagram)

    def receive(self) -> None:
        scratch = self._scratch
        while True:
            try:
                count = self.socket.recv_into(scratch)
            except BlockingIOError:
                return
            # RFC 7983 §7
            first = scratch[0]
            if first > 127:
                if self.first_packet is None and not 192 <= scratch[1] <= 223:
                    self.first_packet = time.monotonic()
                self.packets += 1
                self.bytes += count
            elif first < 4:
                self._take_stun(bytes(scratch[:count]))
            elif 20 <= first <= 63 and not self.connected:
                self._dtls.bio_write(bytes(scratch[:count]))
                self._shake_hands()

    def close(self) -> None:
        self.socket.close()
        requests.delete(self.session, timeout=20)


class Viewers:
    """Viewers of one URL, and what waits for all of them."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._identity = Identity()
        self._scratch = bytearray(2048)
        self._consent_due = time.monotonic() + CONSENT_SECONDS
        self.all: list[Viewer] = []

    def add(self, url: str) -> Viewer:
        """Begins a session, and returns when media may come."""
        viewer = Viewer(url, self._identity, self._scratch)
        self.all.append(viewer)
        self._selector.register(viewer.socket, selectors.EVENT_READ, viewer.receive)
        self.run_until(lambda: viewer.connected, viewer.repeat)
        return viewer

    def run_until(self, is_over, meanwhile=lambda: None, timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while not is_over():
            if time.monotonic() > deadline:
                raise TimeoutError("the session does not begin")
            self.run(0.05)
            meanwhile()

    def run(self, timeout: float) -> bool:
        """Takes what comes.

        :return: whether the standard input has ended.
        """
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                return True
            key.data()
        if time.monotonic() >= self._consent_due:
            self._consent_due += CONSENT_SECONDS
            for viewer in self.all:
                viewer.check()
        return False

    def watch_input(self) -> None:
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def close(self) -> None:
        for viewer in self.all:
            viewer.close()


def seconds_to_first_packet(url: str) -> float:
    """From the offer to the first packet of media, with nothing of a player in between."""
    viewers = Viewers()
    try:
        viewer = viewers.add(url)
        viewers.run_until(lambda: viewer.first_packet is not None)
        return viewer.first_packet - viewer.started
    finally:
        viewers.close()


def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    viewers = Viewers()
    for _ in range(count):
        viewers.add(url)
    viewers.watch_input()
    print(f"{count} viewers play, protected by {viewers.all[0].profile}", flush=True)
    while not viewers.run(1):
        pass
    # An engine that is not told would send to them for half a minute, beside those who are measured next.
    viewers.close()
    # What the one who got least has: the proof that all of them were sent media.
    print(min(viewer.bytes for viewer in viewers.all), flush=True)


if __name__ == "__main__":
    main()
