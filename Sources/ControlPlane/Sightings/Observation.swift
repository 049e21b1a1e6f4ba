import StreamModel

/// What a step of a pipeline says of the picture of a camera that it has just looked at.
struct Observation: Hashable, Sendable {
    /// Who says it.
    struct Source: Hashable, Sendable {
        var pipelineID: String
        var nodeID: String
        var cameraID: String
    }

    /// What may be seen.
    enum Subject: Hashable, Sendable {
        case motion
        case object(label: String)

        var kind: EventKind { self == .motion ? .motion : .object }

        var label: String? {
            guard case .object(let label) = self else { return nil }
            return label
        }
    }

    /// How well something is seen, and where.
    struct Appearance: Hashable, Sendable {
        var score: Double
        var box: PictureBox?
    }

    var source: Source
    /// What the step looks for: of everything else it knows nothing.
    var lookedFor: Set<EventKind>
    /// What it sees of that.
    var seen: [Subject: Appearance]
}
