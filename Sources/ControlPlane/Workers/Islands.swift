import StreamModel

/// A connected group of pipelines and the transmissions that they publish into: what one worker runs.
struct Island: Hashable, Sendable {
    var pipelineIDs: Set<String>
    var transmissionIDs: Set<String>

    /// Names it in logs: the same for the same transmissions.
    var name: String { transmissionIDs.min() ?? pipelineIDs.min() ?? "" }

    /// The islands of pipelines and transmissions: its connected components, in the order of the transmissions.
    ///
    /// Transmissions that no pipeline publishes into are islands of their own: they show their placeholder. Only
    /// transmissions that are in the list count; a pipeline that publishes into none of them is an island of its own.
    static func islands(of pipelines: [Pipeline], _ transmissions: [Transmission]) -> [Island] {
        var islands = transmissions.map { Island(pipelineIDs: [], transmissionIDs: [$0.id]) }
        for pipeline in pipelines {
            let targets = pipeline.graph.transmissionIDs
            var merged = Island(pipelineIDs: [pipeline.id], transmissionIDs: [])
            var place: Int?
            var rest: [Island] = []
            for island in islands {
                if island.transmissionIDs.isDisjoint(with: targets) {
                    rest.append(island)
                } else {
                    place = place ?? rest.count
                    merged.pipelineIDs.formUnion(island.pipelineIDs)
                    merged.transmissionIDs.formUnion(island.transmissionIDs)
                }
            }
            rest.insert(merged, at: place ?? rest.count)
            islands = rest
        }
        return islands
    }

    /// How much two islands have in common; transmissions count, because viewers hang on them.
    func overlap(with other: Island) -> Int {
        transmissionIDs.intersection(other.transmissionIDs).count * 2
            + pipelineIDs.intersection(other.pipelineIDs).count
    }

    /// Which of the islands that run now go on as which of the wanted ones: those with most in common.
    ///
    /// - Returns: for each wanted island the index of the running one, or nil when it needs a new worker.
    static func match(running: [Island], wanted: [Island]) -> [Int?] {
        var pairs: [(running: Int, wanted: Int, overlap: Int)] = []
        for (index, island) in running.enumerated() {
            for (place, candidate) in wanted.enumerated() {
                let overlap = island.overlap(with: candidate)
                if overlap > 0 { pairs.append((index, place, overlap)) }
            }
        }
        var result = [Int?](repeating: nil, count: wanted.count)
        var used: Set<Int> = []
        for pair in pairs.sorted(by: { ($1.overlap, $0.wanted, $0.running) < ($0.overlap, $1.wanted, $1.running) })
        where result[pair.wanted] == nil && used.insert(pair.running).inserted {
            result[pair.wanted] = pair.running
        }
        return result
    }
}
