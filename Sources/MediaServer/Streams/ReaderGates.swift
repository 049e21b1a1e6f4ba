/// What one viewer gets of all its tracks: each track of pictures has a gate of its own, and what is no picture passes with the
/// first of them.
struct ReaderGates {
    private var flows: [ReaderFlow]
    /// By track, of those that the viewer reads.
    private var gates: [Int: Int] = [:]

    /// - Parameters:
    ///   - tracks: those that the viewer reads.
    ///   - pictureTracks: those of the stream that have keyframes.
    ///   - hasBegun: whether the viewer has what came before.
    init(tracks: [Int], pictureTracks: [Int], hasBegun: Bool = false) {
        let pictures = tracks.filter { pictureTracks.contains($0) }
        flows = Array(
            repeating: ReaderFlow(hasRandomAccess: !pictures.isEmpty, hasBegun: hasBegun), count: max(pictures.count, 1)
        )
        for track in tracks { gates[track] = pictures.firstIndex(of: track) ?? 0 }
    }

    /// Units that the viewer did not get because it was too slow.
    var droppedUnitCount: Int { flows.reduce(0) { $0 + $1.droppedUnitCount } }

    /// Whether the viewer gets a unit.
    ///
    /// - Parameter isCongested: whether more waits to be sent to it than may.
    mutating func admit(_ unit: StreamUnit, isCongested: Bool) -> Bool {
        guard let gate = gates[unit.track] else { return false }
        return flows[gate].admit(isRandomAccess: unit.isKeyframe, isCongested: isCongested)
    }
}
