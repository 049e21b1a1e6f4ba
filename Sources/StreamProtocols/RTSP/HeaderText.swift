/// The text of a header taken apart where quotes do not protect it (RFC 2616 §2.2).
enum HeaderText {
    /// Elements that one header may have; more are ignored.
    static let elementCountLimit = 64

    /// Splits at a separator outside quoted strings. Elements are trimmed, empty ones are left out.
    static func split(_ text: some StringProtocol, at separator: UInt8) -> [String] {
        var elements: [String] = []
        var element: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                append(element, to: &elements)
                if elements.count == elementCountLimit { return elements }
                element = []
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5C, isQuoted {
                isEscaped = true
            } else if byte == 0x22 {
                isQuoted.toggle()
            }
            element.append(byte)
        }
        append(element, to: &elements)
        return elements
    }

    private static func append(_ element: [UInt8], to elements: inout [String]) {
        let text = String(decoding: element, as: UTF8.self).trimmingASCIIWhitespace()
        if !text.isEmpty { elements.append(text) }
    }

    /// `name=value`, or `name` with an empty value; the value without quotes, the name in lower case.
    static func parameter(_ element: String) -> (name: String, value: String) {
        guard let (name, value) = element.splitOnce(at: "=") else { return (element.lowercased(), "") }
        return (name.trimmingASCIIWhitespace().lowercased(), unquoted(value.trimmingASCIIWhitespace()))
    }

    /// The content of a quoted string; other text as it is.
    static func unquoted(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 else { return text }
        var content: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if byte == 0x5C, !isEscaped {
                isEscaped = true
            } else {
                isEscaped = false
                content.append(byte)
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The text as a parameter's value: quoted where a separator, a blank or a quote in it would be read otherwise.
    static func value(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x2C && byte != 0x3B && byte != 0x22 && byte != 0x5C
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    /// The text as a quoted string; quotes and backslashes in it are escaped.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            if byte == 0x22 || byte == 0x5C { bytes.append(0x5C) }
            bytes.append(byte)
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}
