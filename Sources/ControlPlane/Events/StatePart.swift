/// A part of the state that followers are told as a whole.
enum StatePart: Hashable, Sendable {
    /// The revision of what is stored: who sees another one asks for what it shows of that.
    case revision
    case engine
    /// The installation of MediaMTX.
    case download
    case workers
    /// How it goes with destinations.
    case destinations
    /// What the steps of pipelines find in the pictures.
    case findings
    /// What pipelines see.
    case events
    /// The keys of all outputs: one that is not among them is gone.
    case outputKeys
    /// One output, by its key.
    case output(String)

    /// Who is told.
    var audience: Role {
        switch self {
        case .revision, .engine, .events, .outputKeys, .output: .viewer
        case .download, .workers, .destinations, .findings: .admin
        }
    }
}
