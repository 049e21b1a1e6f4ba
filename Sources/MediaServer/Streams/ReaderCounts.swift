import Synchronization

/// What a viewer by RTSP or WebRTC got, for the control API and the log. Any event loop may read it.
final class ReaderCounts: Sendable {
    private let outboundBytes = Atomic(0)
    private let droppedUnits = Atomic(0)

    var outboundByteCount: Int { outboundBytes.load(ordering: .relaxed) }

    /// Units that it did not get because it was too slow.
    var droppedUnitCount: Int { droppedUnits.load(ordering: .relaxed) }

    func sent(_ byteCount: Int) { outboundBytes.add(byteCount, ordering: .relaxed) }

    func dropped(_ unitCount: Int) {
        if unitCount > 0 { droppedUnits.add(unitCount, ordering: .relaxed) }
    }
}
