import StreamModel

/// Whether what a camera sends is passed on, or why not: half a sentence.
enum CopyVerdict: Sendable, Equatable {
    case copy
    /// It has to be encoded for now; in a few seconds it is known better.
    case wait(CodedMessage)
    case encode(CodedMessage)

    var objection: CodedMessage? {
        switch self {
        case .copy: nil
        case .wait(let objection), .encode(let objection): objection
        }
    }
}
