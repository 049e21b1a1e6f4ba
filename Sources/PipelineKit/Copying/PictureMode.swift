import StreamModel
import StreamProtocols

/// How a rendition's pictures are made, as the API shows it.
enum PictureMode: Sendable, Equatable {
    case copy(CodedMessage)
    case encode(CodedMessage)

    static func copied(_ facts: CameraFacts) -> PictureMode {
        let codec = facts.videoCodec?.displayName ?? facts.codec
        guard let picture = facts.picture else {
            return .copy(
                CodedMessage(
                    "copied", "copied: the camera already sends what is wanted as \(codec)",
                    ["codec": .string(codec)]))
        }
        let size = "\(picture.width)×\(picture.height)"
        guard let rate = facts.framesPerSecond.map({ String(Int($0.rounded())) }) else {
            return .copy(
                CodedMessage(
                    "copied_size", "copied: the camera already sends \(size) as \(codec)",
                    ["size": .string(size), "codec": .string(codec)]))
        }
        return .copy(
            CodedMessage(
                "copied_size_and_rate", "copied: the camera already sends \(size) at \(rate) fps as \(codec)",
                ["size": .string(size), "fps": .string(rate), "codec": .string(codec)]))
    }

    static func encoded(_ objection: CodedMessage, isForced: Bool = false) -> PictureMode {
        let reason = ["reason": objection.json]
        return .encode(
            isForced
                ? CodedMessage(
                    "encoded_though_forced", "encoded although bypass_mode is force_on: \(objection.text)", reason)
                : CodedMessage("encoded", "encoded: \(objection.text)", reason))
    }
}
