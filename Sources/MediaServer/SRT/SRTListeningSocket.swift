internal import CSRT
import NIOCore
import StreamModel

/// The socket that is called, closed with its owner.
final class SRTListeningSocket {
    /// Callers that have been let in and wait until they are taken.
    private static let backlog: Int32 = 32

    let id: Int32
    private let library: SRTLibrary
    /// libsrt has a pointer to it, as long as the socket is open.
    private let door: SRTDoor

    /// - Parameters:
    ///   - bothFamilies: whether IPv4 comes to an IPv6 socket as well.
    ///   - latency: milliseconds for which packets wait, so that those that got lost can come again.
    ///   - patience: milliseconds after which a caller that is not heard of is gone.
    init(
        _ address: SocketAddress, bothFamilies: Bool, latency: Int32, patience: Int32, _ library: SRTLibrary,
        door: SRTDoor
    ) throws(SRTFailure) {
        self.library = library
        self.door = door
        id = srt_create_socket()
        guard id >= 0,
            toposync_srt_configure(id, latency, patience, address.protocol == .inet6, bothFamilies) == 0,
            unsafe address.withSockAddr({ unsafe srt_bind(id, $0, Int32($1)) }) == 0
        else { throw SRTFailure.last }
        let status = unsafe toposync_srt_listen_callback(
            id,
            { opaque, socket, _, peer, streamID in
                guard let opaque = unsafe opaque else { return -1 }
                let door = unsafe Unmanaged<SRTDoor>.fromOpaque(opaque).takeUnretainedValue()
                let call = unsafe SRTCall(
                    streamID: streamID.map { unsafe String(cString: $0) } ?? "",
                    address: IPAddress(toposync_srt_address_of(peer)))
                return door.answer(socket, call)
            }, Unmanaged.passUnretained(door).toOpaque())
        guard status == 0, srt_listen(id, Self.backlog) == 0 else { throw SRTFailure.last }
    }

    /// Nobody is being answered any more when this returns.
    deinit { srt_close(id) }

    var port: Int { Int(toposync_srt_port(id)) }

    /// The next caller that has been let in; nil when there is none.
    func accept() -> SRTSocket? {
        let caller = toposync_srt_accept(id)
        return caller >= 0 ? SRTSocket(owning: caller, library) : nil
    }
}
