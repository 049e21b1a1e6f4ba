import HTTPTypes
import StreamModel

extension HTTPRequest {
    /// Whether the texts of the head may be compared without looking at their length first: see
    /// ``Swift/StringProtocol/isStreamSafe``. No browser and no program sends others.
    var isStreamSafe: Bool {
        path?.isStreamSafe != false && authority?.isStreamSafe != false
            && headerFields.allSatisfy { $0.value.isStreamSafe }
    }
}
