/// Whether what a camera sends is passed on, or why not: half a sentence.
enum CopyVerdict: Sendable, Equatable {
    case copy
    /// It has to be encoded for now; in a few seconds it is known better.
    case wait(String)
    case encode(String)

    var objection: String? {
        switch self {
        case .copy: nil
        case .wait(let objection), .encode(let objection): objection
        }
    }
}
