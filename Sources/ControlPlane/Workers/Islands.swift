import StreamModel

/// A connected group of pipelines and the transmissions that they publish into: what one worker runs.
struct Island: Hashable, Sendable {
    var pipelineIDs: Set<String> = []
    var transmissionIDs: Set<String> = []

    /// Names it in logs: the same for the same transmissions.
    var name: String { transmissionIDs.min() ?? pipelineIDs.min() ?? "" }

    /// The islands of pipelines and transmissions: its connected components, in the order of the transmissions.
    ///
    /// Transmissions that no pipeline publishes into are islands of their own: they show their placeholder. Only
    /// transmissions that are in the list count; a pipeline that publishes into none of them is an island of its own.
    static func islands(of pipelines: [Pipeline], _ transmissions: [Transmission]) -> [Island] {
        let places = Dictionary(
            transmissions.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        // The first transmission of an island stands for it (a disjoint-set forest, with path halving).
        var parents = Array(transmissions.indices)
        func root(_ place: Int) -> Int {
            var place = place
            while parents[place] != place {
                parents[place] = parents[parents[place]]
                place = parents[place]
            }
            return place
        }
        var loose: [Island] = []
        var pipelinePlaces: [(id: String, place: Int)] = []
        for pipeline in pipelines {
            let roots = pipeline.graph.transmissionIDs.compactMap { places[$0] }.map(root)
            guard let first = roots.min() else {
                loose.append(Island(pipelineIDs: [pipeline.id], transmissionIDs: []))
                continue
            }
            for other in roots { parents[other] = first }
            pipelinePlaces.append((pipeline.id, first))
        }
        var islands: [Int: Island] = [:]
        for (place, transmission) in transmissions.enumerated() {
            islands[root(place), default: Island()].transmissionIDs.insert(transmission.id)
        }
        for (id, place) in pipelinePlaces { islands[root(place), default: Island()].pipelineIDs.insert(id) }
        return islands.sorted { $0.key < $1.key }.map(\.value) + loose
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
        // Each thing is in one island at a time, so few islands have anything in common with another.
        var byTransmission: [String: Int] = [:]
        var byPipeline: [String: Int] = [:]
        for (index, island) in running.enumerated() {
            for id in island.transmissionIDs { byTransmission[id] = index }
            for id in island.pipelineIDs { byPipeline[id] = index }
        }
        for (place, candidate) in wanted.enumerated() {
            let related = Set(
                candidate.transmissionIDs.compactMap { byTransmission[$0] }
                    + candidate.pipelineIDs.compactMap { byPipeline[$0] })
            for index in related { pairs.append((index, place, running[index].overlap(with: candidate))) }
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
