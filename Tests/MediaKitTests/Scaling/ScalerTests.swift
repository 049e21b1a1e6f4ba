import CLibAV
import Testing

@testable import MediaKit

@Suite struct ScalerTests {
    @Test(arguments: Scaler.Mode.allCases)
    func equalPicturesPassThrough(mode: Scaler.Mode) throws {
        let frame = try DemoSource(width: 640, height: 360).frame(number: 3)
        let scaled = try Scaler(width: 640, height: 360, mode: mode).scale(frame)
        #expect(scaled === frame)
    }

    @Test(arguments: Scaler.Mode.allCases)
    func otherShapesGetBlackBars(mode: Scaler.Mode) throws {
        let frame = try Samples.plain(YUVColour(y: 200, u: 90, v: 170), width: 640, height: 480)
            .retimed(presentationTime: MediaTime(ticks: 77, timeBase: .mpeg), captureTime: .now)
        let scaler = try Scaler(width: 1280, height: 720, mode: mode)
        // Twice: the second frame is drawn into memory that has been used.
        for _ in 0..<2 {
            let scaled = try scaler.scale(frame)
            #expect(scaled.presentationTime == frame.presentationTime)
            #expect(scaled.captureTime == frame.captureTime)
            #expect(scaled.pixelFormat == "yuv420p")
            for (plane, inside, bar, left, right) in [
                (0, UInt8(200), UInt8(16), 160, 1120), (1, 90, 128, 80, 560), (2, 170, 128, 80, 560),
            ] {
                for row in samples(of: scaled, plane: plane) {
                    #expect(row[..<left].allSatisfy { $0 == bar })
                    #expect(row[left..<right].allSatisfy { abs(Int($0) - Int(inside)) <= 1 })
                    #expect(row[right...].allSatisfy { $0 == bar })
                }
            }
        }
    }

    @Test func oddTargetsBecomeEven() throws {
        let scaled = try Scaler(width: 641, height: 359).scale(DemoSource().frame(number: 0))
        #expect(scaled.width == 642)
        #expect(scaled.height == 360)
    }

    @Test func theSourceMayChange() throws {
        let scaler = try Scaler(width: 640, height: 360)
        for (width, height) in [(1280, 720), (320, 240), (1280, 720), (1920, 1080), (722, 404)] {
            let frame = try DemoSource(width: width, height: height).frame(number: 1234)
            let scaled = try scaler.scale(frame)
            #expect(scaled.width == 640)
            #expect(scaled.height == 360)
            if width * 9 / 16 == height { #expect(FrameCounter.read(from: scaled) == 1234) }
        }
    }

    /// Full-range luma 0…255 is limited-range 16…235 (ITU-T H.273 equations 20 and 28).
    @Test(arguments: [(UInt8(0), UInt8(16)), (255, 235), (128, 126)])
    func fullRangeBecomesLimited(full: UInt8, limited: UInt8) throws {
        for size in [64, 128] {
            let frame = try Samples.plain(YUVColour(y: full, u: 128, v: 128), width: size, height: size) {
                $0.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
                $0.pointee.color_range = AVCOL_RANGE_JPEG
            }
            let scaled = try Scaler(width: 64, height: 64).scale(frame)
            #expect(abs(Int(samples(of: scaled, plane: 0)[32][32]) - Int(limited)) <= 1)
            #expect(scaled.colourTags == "tv bt709 bt709 bt709")
        }
    }

    /// Pure red and green in the two matrices, from the coefficients of ITU-R BT.601 and BT.709.
    @Test(arguments: [
        (YUVColour(y: 81, u: 90, v: 240), YUVColour(y: 63, u: 102, v: 240)),
        (YUVColour(y: 145, u: 54, v: 34), YUVColour(y: 173, u: 42, v: 26)),
    ])
    func coloursOfStandardDefinitionAreConverted(from: YUVColour, to: YUVColour) throws {
        for size in [64, 128] {
            let frame = try Samples.plain(from, width: size, height: size) {
                $0.pointee.colorspace = AVCOL_SPC_SMPTE170M
            }
            let scaled = try Scaler(width: 64, height: 64).scale(frame)
            for (plane, expected) in [(0, to.y), (1, to.u), (2, to.v)] {
                #expect(abs(Int(samples(of: scaled, plane: plane)[16][16]) - Int(expected)) <= 3)
            }
        }
    }

    @Test func framesAreReusedOnlyWhenNobodyHoldsThem() throws {
        let scaler = try Scaler(width: 64, height: 64)
        let dark = try scaler.scale(Samples.plain(.black, width: 128, height: 128))
        let light = try scaler.scale(Samples.plain(YUVColour(y: 235, u: 128, v: 128), width: 128, height: 128))
        #expect(samples(of: dark, plane: 0)[32][32] == 16)
        #expect(samples(of: light, plane: 0)[32][32] == 235)
    }
}
