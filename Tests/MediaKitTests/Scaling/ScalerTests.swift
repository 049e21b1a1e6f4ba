import CLibAV
import Testing

@testable import MediaKit

@Suite struct ScalerTests {
    @Test(arguments: Scaler.Fit.allCases)
    func equalPicturesPassThrough(fit: Scaler.Fit) throws {
        let frame = try DemoSource(width: 640, height: 360).frame(number: 3)
        let scaled = try Scaler(width: 640, height: 360, fit: fit).scale(frame)
        #expect(scaled === frame)
    }

    @Test func otherShapesGetBlackBars() throws {
        let frame = try Samples.plain(YUVColour(y: 200, u: 90, v: 170), width: 640, height: 480)
            .retimed(presentationTime: MediaTime(ticks: 77, timeBase: .mpeg), captureTime: .now)
        let scaler = try Scaler(width: 1280, height: 720)
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

    /// A picture of which each third has a brightness of its own, from left to right.
    private func thirds(width: Int, height: Int) throws -> VideoFrame {
        let frame = try Samples.plain(YUVColour(y: 100, u: 128, v: 128), width: width, height: height) { frame in
            let (data, stride) = frame.pointee.plane(0)
            for row in 0..<height {
                for column in 0..<width { data?[row * stride + column] = UInt8(60 + column * 3 / width * 60) }
            }
        }
        return frame
    }

    @Test func coverCutsOffWhatStandsOut() throws {
        // 1200×300 into 16:9: the middle 534 columns are seen, and nothing of the outer thirds but their edges.
        let scaled = try Scaler(width: 640, height: 360, fit: .cover).scale(thirds(width: 1200, height: 300))
        for row in samples(of: scaled, plane: 0) {
            #expect(row.count == 640)
            #expect(row[90..<550].allSatisfy { abs(Int($0) - 120) <= 2 })
            #expect(abs(Int(row[10]) - 60) <= 2)
            #expect(abs(Int(row[630]) - 180) <= 2)
        }
    }

    @Test func stretchShowsAllAndLeavesNoBars() throws {
        let scaled = try Scaler(width: 640, height: 360, fit: .stretch).scale(thirds(width: 1200, height: 300))
        for row in samples(of: scaled, plane: 0) {
            for (column, value) in [(0, 60), (200, 60), (320, 120), (440, 180), (639, 180)] {
                #expect(abs(Int(row[column]) - value) <= 2)
            }
        }
    }

    @Test func coverTakesTheShapeOfSamplesIntoAccount() {
        // 4:3 of PAL's samples into 4:3: nothing is cut off.
        #expect(
            CoverGeometry(
                sourceWidth: 704, sourceHeight: 576, sampleAspectRatio: SampleAspectRatio(width: 12, height: 11),
                targetWidth: 640, targetHeight: 480) == nil)
        let high = CoverGeometry(
            sourceWidth: 720, sourceHeight: 1280, sampleAspectRatio: .square, targetWidth: 1280, targetHeight: 720)
        #expect(high.map { [$0.x, $0.y, $0.width, $0.height] } == [0, 438, 720, 404])
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

    private static let tags: [(AVColorSpace, AVColorRange, AVPixelFormat, String)] = [
        (AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, AV_PIX_FMT_YUV420P, "tv bt709 bt709 bt709"),
        (AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, AV_PIX_FMT_YUV420P, "tv smpte170m unknown unknown"),
        (AVCOL_SPC_BT470BG, AVCOL_RANGE_JPEG, AV_PIX_FMT_YUV420P, "pc smpte170m unknown unknown"),
        (AVCOL_SPC_BT470BG, AVCOL_RANGE_UNSPECIFIED, AV_PIX_FMT_YUVJ420P, "pc smpte170m unknown unknown"),
        (AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, AV_PIX_FMT_YUV420P, "tv bt2020nc unknown unknown"),
    ]

    /// Neither luma nor chroma becomes another one, scaled or not, and the picture says what they mean.
    @Test(arguments: tags)
    func coloursStayAsTheyAre(
        _ matrix: AVColorSpace, _ range: AVColorRange, _ format: AVPixelFormat, _ tags: String
    )
        throws
    {
        let colour = YUVColour(y: 250, u: 54, v: 180)
        for size in [64, 128] {
            let frame = try Samples.plain(colour, width: size, height: size) {
                $0.pointee.format = format.rawValue
                $0.pointee.colorspace = matrix
                $0.pointee.color_range = range
                $0.pointee.color_primaries = AVCOL_PRI_UNSPECIFIED
                $0.pointee.color_trc = AVCOL_TRC_UNSPECIFIED
            }
            let scaled = try Scaler(width: 64, height: 64).scale(frame)
            #expect(scaled.pixelFormat == "yuv420p")
            #expect(scaled.colour == frame.colour)
            if size != 64 { #expect(scaled.colourTags == tags) }
            for (plane, value) in [(0, colour.y), (1, colour.u), (2, colour.v)] {
                #expect(samples(of: scaled, plane: plane)[16][16] == value)
            }
        }
    }

    /// Pure red of 8 bits in BT.709, limited range (ITU-T H.273 equations 20 to 30).
    @Test func redGreenAndBlueBecomeBT709() throws {
        let frame = try Samples.red(width: 128, height: 128)
        let scaled = try Scaler(width: 64, height: 64).scale(frame)
        #expect(scaled.colourTags == "tv bt709 bt709 bt709")
        for (plane, value) in [(0, 63), (1, 102), (2, 240)] {
            let sample = Int(samples(of: scaled, plane: plane)[16][16])
            #expect(abs(sample - value) <= 2)
        }
    }

    @Test func anamorphicPicturesGetTheirShape() throws {
        let frame = try Samples.plain(YUVColour(y: 200, u: 128, v: 128), width: 704, height: 576) {
            $0.pointee.sample_aspect_ratio = AVRational(num: 16, den: 11)
        }
        for (width, height) in [(1280, 720), (704, 396)] {
            let rows = samples(of: try Scaler(width: width, height: height).scale(frame), plane: 0)
            #expect(rows.allSatisfy { $0.allSatisfy { $0 == 200 } })
        }
        // The same number of samples, and yet it has to be scaled.
        let rows = samples(of: try Scaler(width: 704, height: 576).scale(frame), plane: 0)
        #expect(rows[0][350] == 16 && rows[288][350] == 200)
    }

    /// Of two fields that differ one is shown, without the comb's teeth.
    @Test(arguments: [(704, 576), (352, 288)])
    func interlacedPicturesLoseTheirComb(_ width: Int, _ height: Int) throws {
        let frame = try Samples.comb(even: 60, odd: 200, width: 704, height: 576)
        let scaled = try Scaler(width: width, height: height).scale(frame)
        let rows = samples(of: scaled, plane: 0)
        let values = Set(rows.flatMap { $0 })
        #expect(values == [60])
        #expect(rows.count == height)
    }

    /// Vector code writes past the right edge of what it converts; the bars have to cover that.
    @Test(arguments: [(640, 480), (2592, 1520), (1234, 720), (500, 720)])
    func barsAreCleanToTheirEdges(_ width: Int, _ height: Int) throws {
        let colour = YUVColour(y: 200, u: 30, v: 220)
        let scaled = try Scaler(width: 1280, height: 720).scale(
            Samples.plain(colour, width: width, height: height))
        let placement = ContainGeometry(
            sourceWidth: width, sourceHeight: height, targetWidth: 1280, targetHeight: 720)
        for (plane, bar, divisor) in [(0, UInt8(16), 1), (1, 128, 2), (2, 128, 2)] {
            let inside = placement.x / divisor..<(placement.x + placement.width) / divisor
            for row in samples(of: scaled, plane: plane) {
                let outside = row.indices.filter { !inside.contains($0) }.map { row[$0] }
                #expect(outside.allSatisfy { $0 == bar })
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
