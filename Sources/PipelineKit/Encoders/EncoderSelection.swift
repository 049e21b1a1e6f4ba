import MediaKit
import StreamModel

/// Which encoder a rendition uses, given what its output asks for and how the encoders stand. Pure.
struct EncoderSelection: Sendable, Equatable {
    /// How an encoder stands.
    enum Standing: Sendable, Equatable {
        /// It is being tried.
        case unknown
        case usable
        /// Half a sentence: `no device /dev/dri/renderD128`.
        case unusable(CodedMessage)
    }

    var backend: EncoderBackend
    /// Why it is not the one that was asked for, as half a sentence; nil when it is.
    var note: CodedMessage?

    init(_ choice: EncoderChoice, standing: (EncoderBackend) -> Standing) {
        switch choice.backend {
        case .cpu?: self.init(backend: .cpu)
        case let wanted?:
            switch standing(wanted) {
            case .usable: self.init(backend: wanted)
            case .unknown: self.init(backend: .cpu, note: Self.tried(wanted))
            case .unusable(let reason):
                self.init(
                    backend: .cpu,
                    note: CodedMessage(
                        "cpu_unusable", "on the CPU: \(wanted.displayName) is not usable here: \(reason.text)",
                        ["encoder": .string(wanted.displayName), "reason": reason.json]))
            }
        case nil: self.init(firstOf: EncoderBackend.automaticOrder, standing: standing)
        }
    }

    private init(firstOf order: [EncoderBackend], standing: (EncoderBackend) -> Standing) {
        var reasons: [CodedMessage] = []
        for candidate in order {
            switch standing(candidate) {
            case .usable:
                self.init(backend: candidate)
                return
            case .unknown:
                self.init(backend: .cpu, note: Self.tried(candidate))
                return
            case .unusable(let reason):
                reasons.append(
                    CodedMessage(
                        "encoder_unusable", "\(candidate.displayName): \(reason.text)",
                        ["encoder": .string(candidate.displayName), "reason": reason.json]))
            }
        }
        let list = reasons.map(\.text).joined(separator: "; ")
        self.init(
            backend: .cpu,
            note: CodedMessage(
                "cpu_no_hardware", "on the CPU: no hardware encoder is usable here (\(list))",
                ["reasons": .array(reasons.map(\.json))]))
    }

    private static func tried(_ backend: EncoderBackend) -> CodedMessage {
        CodedMessage(
            "cpu_while_tried", "on the CPU while \(backend.displayName) is tried",
            ["encoder": .string(backend.displayName)])
    }

    private init(backend: EncoderBackend, note: CodedMessage? = nil) {
        self.backend = backend
        self.note = note
    }
}

extension EncoderChoice {
    /// Nil for `auto`.
    var backend: EncoderBackend? {
        switch self {
        case .auto: nil
        case .cpu: .cpu
        case .vaapi: .vaapi
        case .qsv: .qsv
        case .nvenc: .nvenc
        case .v4l2m2m: .v4l2m2m
        case .videotoolbox: .videotoolbox
        }
    }
}

extension EncoderBackend {
    /// The hardware encoders that `auto` tries, the best first.
    static var automaticOrder: [EncoderBackend] {
        #if os(macOS)
            [.videotoolbox]
        #else
            [.nvenc, .vaapi, .qsv, .v4l2m2m]
        #endif
    }
}
