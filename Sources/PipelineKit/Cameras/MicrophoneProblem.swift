import Foundation
import MediaKit
import StreamModel

/// Why a microphone gives no sound, and what to do about it.
struct MicrophoneProblem: Hashable, Sendable {
    /// Of those that are there, so many are named.
    private static let namedLimit = 8

    let code: MessageCode
    let sentence: String

    init(of address: String, _ error: MediaError) {
        self.init(
            of: address, error, present: LocalMicrophone.present { try? String(contentsOfFile: $0, encoding: .utf8) })
    }

    /// - Parameter present: the microphones of this computer.
    init(of address: String, _ error: MediaError, present: [LocalMicrophone]) {
        if error.kind == .unsupported {
            // The library that reads it is missing.
            code = error.messageCode(isAway: false)
            sentence = error.userMessage
        } else if present.isEmpty {
            code = MessageCode("microphone_none", ["microphone": address])
            sentence =
                "The microphone \(address) gives no sound, and the server sees none on this computer. Plug one in, and let the "
                + "server use it (group audio; in a container --device /dev/snd)."
        } else if let card = MicrophoneAddress.card(in: address), !present.contains(where: { $0.isOfCard(card) }) {
            let known = present.prefix(Self.namedLimit).map(\.address).joined(separator: ", ")
            code = MessageCode("microphone_unknown", ["microphone": address, "known": known])
            sentence = "There is no microphone \(address). There are: \(known)."
        } else {
            code = MessageCode("microphone_silent", ["microphone": address])
            sentence =
                "The microphone \(address) gives no sound. See that it is plugged in, that nothing else uses it, and that the server "
                + "may use it (group audio; in a container --device /dev/snd)."
        }
    }
}
