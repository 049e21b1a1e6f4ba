// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// For every target of the product: what touches a pointer says `unsafe`, so that a review sees each place. Those that
/// parse what comes from the network, `StreamProtocols` and `StreamModel/JSON`, have none.
let memorySafe = settings + [.strictMemorySafety()]

/// `make fuzz` builds the properties of `Fuzz/` into libFuzzer's driver; every other build into the test that replays its
/// corpus.
let fuzzing: Target =
    if Context.environment["TOPOSYNC_FUZZ"] == nil {
        .testTarget(
            name: "FuzzTests",
            dependencies: ["SecureRTP", "StreamProtocols", "StreamModel"],
            path: "Fuzz",
            exclude: ["Corpus", "Driver"],
            swiftSettings: settings
        )
    } else {
        .executableTarget(
            name: "Fuzz",
            dependencies: ["SecureRTP", "StreamProtocols", "StreamModel"],
            path: "Fuzz",
            exclude: ["Corpus", "Replay"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        )
    }

let package = Package(
    name: "toposync-streaming",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "toposync-streaming", targets: ["toposync-streaming"]),
        .executable(name: "toposync-streaming-worker", targets: ["toposync-streaming-worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibAV",
            pkgConfig: "libavformat",
            providers: [
                .apt([
                    "libavformat-dev", "libavcodec-dev", "libavdevice-dev", "libswresample-dev", "libswscale-dev",
                    "libx264-dev",
                ])
            ]
        ),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        // The build with GnuTLS, which Debian's FFmpeg loads. In one process, as in our tests, those of both kinds would have their
        // global objects in common, and destroy them twice.
        .systemLibrary(name: "CSRT", pkgConfig: "srt", providers: [.apt(["libsrt-gnutls-dev"])]),
        .target(name: "CDatagrams"),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Headers alone: the library is loaded when it is needed, where there is one.
        .systemLibrary(name: "COnnxRuntime"),

        .target(name: "StreamModel", swiftSettings: memorySafe),
        .target(
            name: "EngineContract",
            dependencies: [
                "StreamModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "StreamProtocols",
            dependencies: ["StreamModel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: memorySafe
        ),
        // Apart, so that the parsers stay without C.
        .target(name: "SecureRTP", dependencies: ["COpenSSL", "StreamProtocols"], swiftSettings: memorySafe),
        .target(
            name: "MQTTKit",
            dependencies: [
                "CMosquitto", "StreamModel",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: memorySafe
        ),
        .target(name: "MediaKit", dependencies: ["CLibAV", "StreamModel"], swiftSettings: memorySafe),
        .target(
            name: "VisionKit", dependencies: ["COnnxRuntime", "MediaKit", "StreamModel"], swiftSettings: memorySafe),
        .target(
            name: "PipelineKit",
            dependencies: [
                "MediaKit", "StreamProtocols", "StreamModel", "VisionKit",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "MediaServer",
            dependencies: [
                "CDatagrams", "ConnectionLimits", "COpenSSL", "CSRT", "EngineContract", "SecureRTP", "ServerTLS",
                "StreamModel", "StreamProtocols", "WebSecurity",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: memorySafe
        ),
        // For every HTTP server that a browser reaches.
        .target(
            name: "WebSecurity",
            dependencies: [.product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: memorySafe
        ),
        // For every listener that we have.
        .target(
            name: "ConnectionLimits",
            dependencies: [
                "StreamModel",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: memorySafe
        ),
        // For every listener that speaks TLS.
        .target(
            name: "ServerTLS",
            dependencies: [
                "ConnectionLimits", "StreamModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "ControlPlane",
            dependencies: [
                "ConnectionLimits", "CZlib", "MQTTKit", "StreamModel", "EngineContract",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "WebServer",
            dependencies: [
                "ConnectionLimits", "ControlPlane", "ServerTLS", "StreamModel", "WebSecurity",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: memorySafe
        ),
        .target(
            name: "ProcessLog",
            dependencies: [
                "StreamModel",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: memorySafe
        ),
        .executableTarget(
            name: "toposync-streaming",
            dependencies: [
                "WebServer", "ControlPlane", "MediaServer", "ProcessLog", "StreamModel", "EngineContract",
                "ConnectionLimits", "ServerTLS", "WebSecurity",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: memorySafe
        ),
        // Apart, so that only workers load libav.
        .executableTarget(
            name: "toposync-streaming-worker",
            dependencies: [
                "PipelineKit", "MediaKit", "ProcessLog",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: memorySafe
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "StreamModelTests", dependencies: ["StreamModel"], swiftSettings: settings),
        .testTarget(name: "EngineContractTests", dependencies: ["EngineContract"], swiftSettings: settings),
        .testTarget(
            name: "StreamProtocolsTests", dependencies: ["StreamModel", "StreamProtocols", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "SecureRTPTests", dependencies: ["SecureRTP", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "MQTTKitTests", dependencies: ["MQTTKit", "StreamModel"], swiftSettings: settings),
        .testTarget(name: "MediaKitTests", dependencies: ["MediaKit", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "VisionKitTests", dependencies: ["MediaKit", "StreamModel", "VisionKit"], exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "PipelineKitTests", dependencies: ["PipelineKit", "TestSupport", "VisionKit"], swiftSettings: settings
        ),
        .testTarget(
            name: "MediaServerTests", dependencies: ["COpenSSL", "CSRT", "MediaServer", "SecureRTP", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "ProcessLogTests", dependencies: ["ProcessLog"], swiftSettings: settings),
        .testTarget(
            name: "ConnectionLimitsTests",
            dependencies: [
                "ConnectionLimits",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ServerTLSTests",
            dependencies: [
                "ServerTLS",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ConnectionLimits", "ControlPlane", "MQTTKit", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebServerTests",
            dependencies: [
                "WebServer", "ConnectionLimits", "TestSupport",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        fuzzing,
    ]
)
