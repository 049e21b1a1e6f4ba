/// A microphone that ALSA knows on this computer.
public struct LocalMicrophone: Hashable, Sendable {
    /// As a camera's `microphone` names it. By the name of its card, which a restart does not change, where it has one.
    public let address: String
    public let name: String
    private let cardNumber: Int
    private let cardName: String

    public var json: JSONValue { ["address": .string(address), "name": .string(name)] }

    /// Those that are plugged in now, by `/proc/asound/pcm`, which has a line such as `01-00: USB Audio : USB Audio : capture 1` for
    /// each device; none where the system has no ALSA.
    ///
    /// - Parameter read: the text of a file; nil when there is none.
    public static func present(read: (_ path: String) -> String?) -> [LocalMicrophone] {
        (read("/proc/asound/pcm") ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":").map { String($0).trimmed }
            let numbers = fields.first?.split(separator: "-").compactMap { Int($0) } ?? []
            guard numbers.count == 2, fields.dropFirst(3).contains(where: { $0.hasPrefix("capture") }) else {
                return nil
            }
            let card = read("/proc/asound/card\(numbers[0])/id")?.trimmed ?? ""
            return LocalMicrophone(device: numbers[1], name: fields[1], cardNumber: numbers[0], cardName: card)
        }
    }

    private init?(device: Int, name: String, cardNumber: Int, cardName: String) {
        address =
            "\(MicrophoneAddress.scheme):plughw:"
            + (cardName.isEmpty ? "\(cardNumber),\(device)" : "CARD=\(cardName),DEV=\(device)")
        guard MicrophoneAddress.device(in: address) != nil else { return nil }
        self.name = cardName.isEmpty ? name : "\(cardName): \(name)"
        self.cardNumber = cardNumber
        self.cardName = cardName
    }

    /// Whether it is of a card that is called so, by its name or number.
    public func isOfCard(_ card: String) -> Bool { card == cardName || Int(card) == cardNumber }
}
