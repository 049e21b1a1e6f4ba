internal import MediaKit
internal import Synchronization

/// Brings pictures into the memory that a model reads: scaled and coloured in one go, straight from their planes.
struct PictureFiller: Sendable {
    /// Of a format whose planes are read in place: by how many bits columns and rows of chroma are fewer.
    private struct Layout {
        var columnShift: Int
        var rowShift: Int

        init?(_ pixelFormat: String) {
            switch pixelFormat {
            case "yuv420p", "yuvj420p": (columnShift, rowShift) = (1, 1)
            case "yuv422p", "yuvj422p": (columnShift, rowShift) = (1, 0)
            case "yuv444p", "yuvj444p": (columnShift, rowShift) = (0, 0)
            default: return nil
            }
        }
    }

    /// Brings pictures of other formats to one of these.
    private final class Converter: Sendable {
        let scaler = Mutex<Scaler?>(nil)

        func convert(_ frame: VideoFrame, width: Int, height: Int) throws(MediaError) -> VideoFrame {
            try scaler.withLock { (scaler) throws(MediaError) in
                if scaler?.width != width || scaler?.height != height {
                    scaler = try Scaler(width: width, height: height, fit: .stretch)
                }
                return try scaler?.scale(frame) ?? frame
            }
        }
    }

    let input: PictureInput
    private let converter = Converter()
    private var columns: [Sample] = []
    private var chromaColumns: [Sample] = []
    /// The size of what the tables are for.
    private var prepared: [Int] = []

    init(_ input: PictureInput) { self.input = input }

    /// Between which two samples a place is, and how far from the first.
    private struct Sample {
        var first: Int
        var second: Int
        var weight: Float

        /// - Parameter place: from the middle of the first sample.
        init(at place: Float, of count: Int) {
            let place = min(max(place, 0), Float(count - 1))
            first = Int(place)
            second = min(first + 1, count - 1)
            weight = place - Float(first)
        }
    }

    /// - Parameter values: `3 × height × width` of the input, plane by plane.
    /// - Returns: the size of the picture in it; nil for a picture that can't be read.
    mutating func fill(
        _ values: UnsafeMutableBufferPointer<Float>, with frame: VideoFrame
    ) -> (width: Int, height: Int)? {
        guard let whole = try? frame.progressive(), whole.width > 0, whole.height > 0 else { return nil }
        let shape = whole.signal.sampleAspectRatio
        let content = input.content(
            width: whole.width, height: whole.height, shape: Double(shape.width) / Double(shape.height))
        var source = whole
        if Layout(whole.pixelFormat) == nil {
            // Sides are even there: chroma has half of them.
            guard
                let converted = try? converter.convert(
                    whole, width: max(2, (content.width + 1) & ~1), height: max(2, (content.height + 1) & ~1))
            else {
                return nil
            }
            source = converted
        }
        guard let layout = Layout(source.pixelFormat) else { return nil }
        let colour = Colour(source.colour)
        let read = source.withPlane(0) { luma, lumaStride, lumaRows in
            unsafe luma.withUnsafeBytes { luma in
                source.withPlane(1) { blue, blueStride, chromaRows in
                    unsafe blue.withUnsafeBytes { blue in
                        source.withPlane(2) { red, redStride, _ in
                            unsafe red.withUnsafeBytes { red in
                                guard luma.count > 0, blue.count > 0, red.count > 0, lumaRows == source.height,
                                    chromaRows == -(-source.height >> layout.rowShift), redStride == blueStride
                                else { return false }
                                let planes = unsafe Planes(
                                    luma: luma, blue: blue, red: red, stride: lumaStride, chromaStride: blueStride)
                                unsafe fill(values, from: planes, of: source, layout, content, colour)
                                return true
                            }
                        }
                    }
                }
            }
        }
        return read ? content : nil
    }

    @unsafe private struct Planes {
        let luma: UnsafeRawBufferPointer
        let blue: UnsafeRawBufferPointer
        let red: UnsafeRawBufferPointer
        let stride: Int
        let chromaStride: Int
    }

    /// How luma and chroma become red, green and blue of 0…255.
    private struct Colour {
        var lumaScale: Float
        var lumaOffset: Float
        var redOfRed: Float
        var greenOfRed: Float
        var greenOfBlue: Float
        var blueOfBlue: Float

        init(_ colour: PictureColour) {
            // ITU-T H.273, table 4.
            let (red, blue): (Float, Float) =
                switch colour.matrix {
                case .bt709, .unspecified: (0.2126, 0.0722)
                case .bt601: (0.299, 0.114)
                case .fcc: (0.30, 0.11)
                case .smpte240M: (0.212, 0.087)
                case .bt2020: (0.2627, 0.0593)
                }
            let green = 1 - red - blue
            let chroma: Float = colour.isFullRange ? 1 : 255.0 / 224
            lumaScale = colour.isFullRange ? 1 : 255.0 / 219
            lumaOffset = colour.isFullRange ? 0 : -16 * lumaScale
            redOfRed = 2 * (1 - red) * chroma
            blueOfBlue = 2 * (1 - blue) * chroma
            greenOfRed = -2 * (1 - red) * red / green * chroma
            greenOfBlue = -2 * (1 - blue) * blue / green * chroma
        }
    }

    private mutating func prepare(_ source: VideoFrame, _ layout: Layout, _ content: (width: Int, height: Int)) -> Bool
    {
        let size = [source.width, source.height, layout.columnShift, content.width, content.height]
        guard size != prepared else { return false }
        prepared = size
        let step = Float(source.width) / Float(content.width)
        let chromaCount = -(-source.width >> layout.columnShift)
        columns = (0..<content.width).map { Sample(at: (Float($0) + 0.5) * step - 0.5, of: source.width) }
        // Samples of chroma are where the first of their columns of luma is (H.264 §6.2, `chroma_sample_loc_type` 0).
        chromaColumns = (0..<content.width).map {
            Sample(at: ((Float($0) + 0.5) * step - 0.5) / Float(1 << layout.columnShift), of: chromaCount)
        }
        return true
    }

    private mutating func fill(
        _ values: UnsafeMutableBufferPointer<Float>, from planes: Planes, of source: VideoFrame, _ layout: Layout,
        _ content: (width: Int, height: Int), _ colour: Colour
    ) {
        let area = input.width * input.height
        precondition(values.count >= 3 * area)
        if prepare(source, layout, content), case .letterbox(let padding) = input.fit {
            for (index, channel) in places.enumerated() {
                let level = padding * input.channels[channel].scale + input.channels[channel].offset
                unsafe UnsafeMutableBufferPointer(rebasing: values[index * area..<(index + 1) * area])
                    .update(repeating: level)
            }
        }
        let step = Float(source.height) / Float(content.height)
        let chromaRows = -(-source.height >> layout.rowShift)
        let chromaStep = Float(1 << layout.rowShift)
        // In bounds: `Sample` keeps within the number of columns and rows, which the planes have, as `withPlane` says.
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe chromaColumns.withUnsafeBufferPointer { chromaColumns in
                for y in 0..<content.height {
                    let place = (Float(y) + 0.5) * step - 0.5
                    let row = Sample(at: place, of: source.height)
                    let chroma = Sample(at: (place + 0.5) / chromaStep - 0.5, of: chromaRows)
                    unsafe fillRow(
                        values, y, planes, columns, chromaColumns, luma: row, chroma: chroma, colour)
                }
            }
        }
    }

    /// Which of red, green and blue is the first, second and third plane.
    private var places: [Int] { input.order == .redGreenBlue ? [0, 1, 2] : [2, 1, 0] }

    @inline(__always)
    private static func interpolate(
        _ plane: UnsafeRawBufferPointer, _ above: Int, _ below: Int, _ weight: Float, _ column: Sample
    ) -> Float {
        let base = unsafe plane.baseAddress.unsafelyUnwrapped
        @inline(__always) func level(_ index: Int) -> Float {
            unsafe Float(base.load(fromByteOffset: index, as: UInt8.self))
        }
        let (first, second) = (column.first, column.second)
        let (upper, lower) = (level(above &+ first), level(below &+ first))
        let (upperNext, lowerNext) = (level(above &+ second), level(below &+ second))
        let top = upper + (upperNext - upper) * column.weight
        let bottom = lower + (lowerNext - lower) * column.weight
        return top + (bottom - top) * weight
    }

    private func fillRow(
        _ values: UnsafeMutableBufferPointer<Float>, _ y: Int, _ planes: Planes, _ columns: UnsafeBufferPointer<Sample>,
        _ chromaColumns: UnsafeBufferPointer<Sample>, luma row: Sample, chroma chromaRow: Sample, _ colour: Colour
    ) {
        let area = input.width * input.height
        let places = places
        let line = unsafe values.baseAddress.unsafelyUnwrapped + y * input.width
        let (red, green, blue) = unsafe (
            line + area * (places[0] == 0 ? 0 : 2), line + area, line + area * (places[0] == 0 ? 2 : 0)
        )
        let channels = (input.channels[0], input.channels[1], input.channels[2])
        let (above, below) = unsafe (row.first * planes.stride, row.second * planes.stride)
        let (chromaAbove, chromaBelow) = unsafe (
            chromaRow.first * planes.chromaStride, chromaRow.second * planes.chromaStride
        )
        for x in 0..<columns.count {
            let luma = unsafe Self.interpolate(planes.luma, above, below, row.weight, columns[x])
            let column = unsafe chromaColumns[x]
            let blueness =
                unsafe Self.interpolate(planes.blue, chromaAbove, chromaBelow, chromaRow.weight, column) - 128
            let redness =
                unsafe Self.interpolate(planes.red, chromaAbove, chromaBelow, chromaRow.weight, column) - 128
            let level = luma * colour.lumaScale + colour.lumaOffset
            let r = min(max(level + redness * colour.redOfRed, 0), 255)
            let g = min(max(level + redness * colour.greenOfRed + blueness * colour.greenOfBlue, 0), 255)
            let b = min(max(level + blueness * colour.blueOfBlue, 0), 255)
            unsafe red[x] = r * channels.0.scale + channels.0.offset
            unsafe green[x] = g * channels.1.scale + channels.1.offset
            unsafe blue[x] = b * channels.2.scale + channels.2.offset
        }
    }
}
