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
    /// By stream.
    private var groups: [ObjectIdentifier: MulticastGroup] = [:]
    /// When a group last began so, by path.
    private var repeats: [String: Duration] = [:]

    /// - Returns: nil when nothing is to be sent so.
    /// - Throws: `EngineConfigurationError`
    init?(_ configuration: EngineConfiguration, clock: EngineClock) throws {
        guard configuration.rtspTransports.contains(.multicast) else { return nil }
        try configuration.validateMulticast()
        guard let range = MulticastRange(configuration.multicastIPRange) else { return nil }
        self.configuration = configuration
        self.range = range
        self.clock = clock
    }

    /// The group of a stream, which somebody is about to join.
    func group(of stream: Stream) throws(MulticastError) -> MulticastGroup {
        let key = ObjectIdentifier(stream)
        if let group = groups[key] { return group }
        let place = try newPlace(of: stream)
        guard let source = place.source.ipv4 else { throw .noWay(reason: "\(place.source) is no IPv4 address") }
        let descriptor = toposync_open_multicast(source, place.timeToLive, Self.sendBuffer)
        guard descriptor >= 0 else { throw .refused(-descriptor, "can't send from \(place.source)") }
        let sender = DatagramSender(descriptor: descriptor)
        guard
            let group = MulticastGroup(
                place, of: stream, sender: sender, clock: clock,
                mayRepeat: { [weak self, path = stream.path] in self?.mayRepeat(path) ?? false },
                onEmpty: { [weak self] in self?.groups[key] = nil })
        else { throw .noWay(reason: "there are not enough ports behind \(configuration.multicastRTPPort)") }
        groups[key] = group
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
        if let group = groups[ObjectIdentifier(stream)] { return group.place }
        return try newPlace(of: stream)
    }

    private func newPlace(of stream: Stream) throws(MulticastError) -> MulticastPlace {
        guard groups.count < Self.limit, let address = freeAddress(for: stream.path) else { throw .noGroup }
        return MulticastPlace(
            group: address, source: try source(to: address),
            isSourceSpecific: configuration.multicastSourceSpecific,
            timeToLive: UInt8(clamping: configuration.multicastTTL),
            firstPorts: RTSPTransport.PortPair(
                rtp: UInt16(clamping: configuration.multicastRTPPort),
                rtcp: UInt16(clamping: configuration.multicastRTCPPort)))
    }

    /// The same for a path each time as long as no other has it: routers and viewers remember groups for minutes.
    private func freeAddress(for path: String) -> IPAddress? {
        let taken = Set(groups.values.map(\.place.group))
        let start = Int(FNV1a.hash(path.utf8))
        return (0..<min(range.count, taken.count + 1)).lazy.map { [range] in range[start + $0] }
            .first { !taken.contains($0) }
    }

    /// This machine's address on the interface that is configured, else on the one that the system takes. Asked each time: it may
    /// get another one.
    private func source(to group: IPAddress) throws(MulticastError) -> IPAddress {
        let interface = configuration.multicastInterface
        guard interface.isEmpty else {
            guard let address = IPAddress.ofInterface(interface) else {
                throw .noWay(reason: "this machine has no network interface '\(interface)' with an IPv4 address")
            }
            return address
        }
        let found = toposync_source_of(group.ipv4 ?? 0)
        guard let address = UInt32(exactly: found) else {
            throw .refused(CInt(clamping: -found), "no network leads to \(group)")
        }
        return IPAddress(ipv4: address)
    }
}

extension MulticastError {
    /// The system refuses it.
    fileprivate static func refused(_ error: CInt, _ what: String) -> Self {
        .noWay(reason: "\(IOError(errnoCode: error, reason: what))")
    }
}
