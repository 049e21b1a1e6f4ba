/// The address of a microphone of this computer: `alsa:` and the name of a device of ALSA, such as `alsa:default` or
/// `alsa:plughw:1,0`.
public enum MicrophoneAddress {
    public static let scheme = "alsa"
    private static let lengthRange = 1...64
    /// Only these take arguments: ALSA has devices that write files or run commands that their arguments name.
    private static let withArguments: Set = ["default", "sysdefault", "hw", "plughw", "dsnoop", "front"]

    /// Such as `plughw:1,0`; nil for every other address.
    public static func device(in address: String) -> String? {
        guard let (name, arguments) = parts(of: address) else { return nil }
        return arguments.map { "\(name):\($0)" } ?? String(name)
    }

    /// The card that it names, by its name or number; nil where it names none.
    public static func card(in address: String) -> String? {
        guard let first = parts(of: address)?.arguments?.split(separator: ",").first else { return nil }
        let fields = first.split(separator: "=", maxSplits: 1)
        return fields.count == 1 || fields[0] == "CARD" ? fields.last.map(String.init) : nil
    }

    /// Whether an address is meant for a microphone, right or wrong.
    public static func isOne(_ address: String) -> Bool { address.hasPrefix(scheme + ":") }

    private static func parts(of address: String) -> (name: Substring, arguments: Substring?)? {
        guard isOne(address) else { return nil }
        let parts = address.dropFirst(scheme.utf8.count + 1)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        // A dot would lead to any part of ALSA's configuration.
        guard isWritten(parts[0], with: "_-") else { return nil }
        guard parts.count == 2 else { return (parts[0], nil) }
        guard withArguments.contains(String(parts[0])), isWritten(parts[1], with: "_=,") else { return nil }
        return (parts[0], parts[1])
    }

    private static func isWritten(_ text: Substring, with extra: String) -> Bool {
        lengthRange.contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || extra.contains($0)) }
    }
}
