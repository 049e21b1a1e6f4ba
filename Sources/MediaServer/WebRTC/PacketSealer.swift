import NIOCore
import SecureRTP
import StreamProtocols

/// Memory in which packets are written and protected, and then lie one behind the other: all viewers of an event loop share it.
final class PacketScratch {
    /// What most packets need: a payload of 1180 bytes, its headers, and the tag.
    private static let packetByteCount = 1232

    private var packet: [UInt8] = []
    /// What still waits to be sent keeps it, and then there is another one.
    private var packets = ByteBuffer()

    /// Protects what `write` writes for each element.
    fileprivate func seal<Elements: Collection>(
        _ elements: Elements, with sender: inout SRTPSender, _ write: (Elements.Element, inout [UInt8]) -> Void
    ) -> [DatagramRun] {
        // Those who miss packets may ask for more of them than there are.
        packets.clear(minimumCapacity: min(elements.count, DatagramRun.packetLimit) * Self.packetByteCount)
        let sizes = Self.seal(elements, with: &sender, write, &packet, &packets)
        return DatagramRun.runs(of: packets, sizes: sizes)
    }

    /// Without the checks of exclusive access that properties have each time.
    private static func seal<Elements: Collection>(
        _ elements: Elements, with sender: inout SRTPSender, _ write: (Elements.Element, inout [UInt8]) -> Void,
        _ packet: inout [UInt8], _ packets: inout ByteBuffer
    ) -> [Int] {
        var sizes: [Int] = []
        sizes.reserveCapacity(elements.count)
        for element in elements {
            packet.removeAll(keepingCapacity: true)
            write(element, &packet)
            guard !packet.isEmpty, (try? sender.protect(&packet)) != nil else { continue }
            sizes.append(packets.writeBytes(packet))
        }
        return sizes
    }
}

/// Makes SRTP of what one viewer is sent, with the key that was agreed on. It belongs to the viewer's event loop.
final class PacketSealer {
    private var sender: SRTPSender
    private let scratch: PacketScratch
    /// Compounds that were sent.
    private(set) var sentControlCount = 0

    init(profile: SRTPProfile, key: SRTPMasterKey, scratch: PacketScratch) throws(SRTPError) {
        sender = try SRTPSender(profile: profile, key: key)
        self.scratch = scratch
    }

    /// Makes SRTP packets of what `write` writes for each element; none where that is nothing.
    func seal<Elements: Collection>(
        _ elements: Elements, _ write: (Elements.Element, inout [UInt8]) -> Void
    ) -> [DatagramRun] {
        scratch.seal(elements, with: &sender, write)
    }

    /// Sends a compound RTCP packet. One who does not read gets none: they would pile up.
    func send(control compound: [UInt8], by route: some WebRTCRoute) {
        var bytes = compound
        guard !route.isCongested, (try? sender.protectControl(&bytes)) != nil else { return }
        sentControlCount += 1
        route.send(repeatable: bytes)
    }
}
