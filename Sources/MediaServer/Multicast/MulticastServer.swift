import CDatagrams
import ConnectionLimits
import EngineContract
import NIOCore
import StreamModel
import StreamProtocols

/// All that an engine sends by multicast: which groups there are, and which stream has which.
///
/// Confined to the engine's event loop.
final class MulticastServer {
    /// Groups at once, each of which has a socket.
    static let limit = 256
    /// Bytes that the system keeps until they are on their way: a keyframe of a big picture, as far as the system allows it.
    private static let sendBuffer: CInt = 1 << 20
    /// After how long a stream's group may begin with the pictures since the last keyframe once more. Who plays and pauses time and
    /// again would have a network sent many times what the stream is.
    private static let repeatInterval: Duration = .seconds(10)

    private let configuration: EngineConfiguration
    private let range: MulticastRange
    private let clock: EngineClock
    private let hasAddress: (IPAddress) -> Bool
    /// By stream.
    private var groups: [ObjectIdentifier: MulticastGroup] = [:]
    /// When a group last began so, by path.
    private var repeats: [String: Duration] = [:]

    /// - Parameter hasAddress: whether this machine has an address now.
    /// - Returns: nil when nothing is to be sent so.
    /// - Throws: `EngineConfigurationError`
    init?(
        _ configuration: EngineConfiguration, clock: EngineClock,
        hasAddress: @escaping (IPAddress) -> Bool = InterfaceAddress.exists
    ) throws {
        guard configuration.rtspTransports.contains(.multicast) else { return nil }
        try configuration.validateMulticast()
        guard let range = MulticastRange(configuration.multicastIPRange) else { return nil }
        self.configuration = configuration
        self.range = range
        self.clock = clock
        self.hasAddress = hasAddress
    }

    /// The group of a stream, which somebody is about to join.
    func group(of stream: Stream) throws(MulticastError) -> MulticastGroup {
        if let group = currentGroup(of: stream) { return group }
        let key = ObjectIdentifier(stream)
        let (place, source) = try newPlace(of: stream)
        let descriptor = unsafe source.socketAddress.withSockAddr { address, size in
            unsafe toposync_open_multicast(
                address, socklen_t(size), UInt32(clamping: source.interfaceIndex), place.timeToLive, Self.sendBuffer)
        }
        guard descriptor >= 0 else { throw .refused(-descriptor, "can't send from \(place.source)") }
        let sender = DatagramSender(descriptor: descriptor)
        guard
            let group = MulticastGroup(
                place, of: stream, sender: sender, clock: clock,
                mayRepeat: { [weak self, path = stream.path] in self?.mayRepeat(path) ?? false },
                onEmpty: { [weak self] group in
                    if self?.groups[key] === group { self?.groups[key] = nil }
                })
        else { throw .noWay(reason: "there are not enough ports behind \(configuration.multicastRTPPort)") }
        groups[key] = group
        return group
    }

    /// The group that a stream has, unless this machine has lost the address that it is sent from: nothing goes out by it then. Its
    /// members keep it until they leave, and the next one gets another, as a rule of the same address.
    private func currentGroup(of stream: Stream) -> MulticastGroup? {
        let key = ObjectIdentifier(stream)
        guard let group = groups[key] else { return nil }
        guard hasAddress(group.place.source) else {
            groups[key] = nil
            return nil
        }
        return group
    }

    private func mayRepeat(_ path: String) -> Bool {
        let now = clock.now
        repeats = repeats.filter { now - $0.value < Self.repeatInterval }
        guard repeats[path] == nil else { return false }
        repeats[path] = now
        return true
    }

    /// Where a stream goes, or would go if somebody read it now.
    func place(of stream: Stream) throws(MulticastError) -> MulticastPlace {
        if let group = currentGroup(of: stream) { return group.place }
        return try newPlace(of: stream).place
    }

    private func newPlace(
        of stream: Stream
    ) throws(MulticastError) -> (place: MulticastPlace, source: InterfaceAddress) {
        guard groups.count < Self.limit, let address = freeAddress(for: stream.path) else { throw .noGroup }
        let source = try self.source(to: address)
        let place = MulticastPlace(
            group: address, source: source.address,
            isSourceSpecific: configuration.multicastSourceSpecific,
            timeToLive: UInt8(clamping: configuration.multicastTTL),
            firstPorts: RTSPTransport.PortPair(
                rtp: UInt16(clamping: configuration.multicastRTPPort),
                rtcp: UInt16(clamping: configuration.multicastRTCPPort)))
        return (place, source)
    }

    /// The same for a path each time as long as no other has it: routers and viewers remember groups for minutes.
    private func freeAddress(for path: String) -> IPAddress? {
        let taken = Set(groups.values.map(\.place.group))
        let start = Int(FNV1a.hash(path.utf8))
        // To the groups of announcements, of which a range holds two at most, all who listen for them belong.
        return (0..<min(range.count, taken.count + 3)).lazy.map { [range] in range[start + $0] }
            .first { !taken.contains($0) && SAPPacket.announcementGroup(of: $0) != $0 }
    }

    /// This machine's address on the interface that is configured, else on the one that the system takes. Asked each time: it may
    /// get another one.
    private func source(to group: IPAddress) throws(MulticastError) -> InterfaceAddress {
        let interface = configuration.multicastInterface
        guard interface.isEmpty, let ipv4 = group.ipv4 else {
            guard let address = InterfaceAddress(ofInterface: interface, isIPv4: group.isIPv4) else {
                let family = group.isIPv4 ? "IPv4" : "IPv6"
                throw .noWay(reason: "this machine has no network interface '\(interface)' with an \(family) address")
            }
            return address
        }
        let found = toposync_source_of(ipv4)
        guard let bits = UInt32(exactly: found) else {
            throw .refused(CInt(clamping: -found), "no network leads to \(group)")
        }
        let address = IPAddress(ipv4: bits)
        guard let socketAddress = address.socketAddress(port: 0, forIPv6Socket: false) else {
            throw .noWay(reason: "\(address) is no address to send from")
        }
        return InterfaceAddress(address: address, socketAddress: socketAddress, interfaceIndex: 0)
    }
}

extension MulticastError {
    /// The system refuses it.
    fileprivate static func refused(_ error: CInt, _ what: String) -> Self {
        .noWay(reason: "\(IOError(errnoCode: error, reason: what))")
    }
}
