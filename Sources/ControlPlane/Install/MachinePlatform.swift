import Foundation

/// A kind of machine that we run on and that MediaMTX has downloads for (reference: mediamtx-facts E.9).
public enum MachinePlatform: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    case linuxX64 = "linux-x64"
    case linuxARM64 = "linux-arm64"
    case linuxARMv7 = "linux-armv7"
    case linuxARMv6 = "linux-armv6"
    case darwinX64 = "darwin-x64"
    case darwinARM64 = "darwin-arm64"

    /// - Parameters:
    ///   - system: what `uname -s` says: `Linux` or `Darwin`. There are downloads for Windows too, but we do not run there.
    ///   - machine: what `uname -m` says: `x86_64`, `aarch64`, `armv7l` …
    ///   - is64Bit: whether programs of 64 bits run here; a kernel of 64 bits may carry a system of 32.
    public init?(system: String, machine: String, is64Bit: Bool = true) {
        let system = system.lowercased()
        let machine = machine.lowercased()
        let isX64 = ["x86_64", "amd64", "x64"].contains(machine) && is64Bit
        let isARM64 = ["aarch64", "arm64"].contains(machine) && is64Bit
        let isARM32 = machine.hasPrefix("armv7") || machine.hasPrefix("armv8") || (machine == "aarch64" && !is64Bit)
        switch true {
        case system == "linux" && isX64: self = .linuxX64
        case system == "linux" && isARM64: self = .linuxARM64
        case system == "linux" && isARM32: self = .linuxARMv7
        case system == "linux" && machine.hasPrefix("armv6"): self = .linuxARMv6
        case system == "darwin" && isX64: self = .darwinX64
        case system == "darwin" && isARM64: self = .darwinARM64
        default: return nil
        }
    }

    /// The machine that we run on; nil when MediaMTX has nothing for it.
    public static let current: MachinePlatform? = {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return nil }
        return MachinePlatform(
            system: text(names.sysname), machine: text(names.machine), is64Bit: Int.bitWidth == 64)
    }()

    private static func text<Tuple>(_ characters: Tuple) -> String {
        unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The folder that an installation is in.
    public var description: String { rawValue }

    var executableName: String { "mediamtx" }

    /// How the downloads call it.
    private var assetName: String {
        switch self {
        case .linuxX64: "linux_amd64"
        case .linuxARM64: "linux_arm64"
        case .linuxARMv7: "linux_armv7"
        case .linuxARMv6: "linux_armv6"
        case .darwinX64: "darwin_amd64"
        case .darwinARM64: "darwin_arm64"
        }
    }

    /// The name of a release's archive for this machine.
    func archiveName(version: String) -> String {
        "mediamtx_\(version)_\(assetName).tar.gz"
    }
}
