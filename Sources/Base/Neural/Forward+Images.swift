import MathKernels

// Pictures lie one after the other, each channel by channel, each channel row by row.
extension Forward {
  /// The layout of pictures: how many channels, rows and columns each has.
  public struct PictureShape: Sendable, Equatable {
    /// Channels, such as colours or what filters found.
    public var channels: Int
    /// Rows of numbers.
    public var height: Int
    /// Numbers a row.
    public var width: Int

    /// A layout.
    public init(channels: Int, height: Int, width: Int) {
      self.channels = channels
      self.height = height
      self.width = width
    }

    /// How many numbers a picture has.
    public var count: Int { channels * height * width }
  }

  /// Square filters that slide over pictures in steps of one, with a border of zeros that keeps the size: what
  /// `Convolution2D` gives with a padding of half its odd width.
  ///
  /// - Parameters:
  ///   - weight: outputs × channels × size × size.
  /// - Complexity: O(pictures · outputs · channels · size² · height · width).
  public static func convolution(
    _ x: [Float], shape: PictureShape, weight: [Float], bias: [Float], size: Int
  ) -> [Float] {
    let (outputs, area) = (bias.count, shape.height * shape.width)
    let depth = shape.channels * size * size
    precondition(size % 2 == 1 && weight.count == outputs * depth, "a convolution's sizes fit together")
    let pictures = shape.count > 0 ? x.count / shape.count : 0
    var patches = [Float](repeating: 0, count: depth * area)
    return [Float](unsafeUninitializedCapacity: pictures * outputs * area) { y, initialized in
      for picture in 0..<pictures {
        gather(x, from: picture * shape.count, shape, size, into: &patches)
        let start = picture * outputs * area
        for output in 0..<outputs {
          for index in 0..<area { y[start + output * area + index] = bias[output] }
        }
        if let base = y.baseAddress {
          Float.gemm(
            false, false, outputs, area, depth, 1, weight, depth, patches, area, 1, base + start, area)
        }
      }
      initialized = pictures * outputs * area
    }
  }

  /// For each channel and each place of the filter, what it sees at every place of a picture.
  private static func gather(
    _ x: [Float], from start: Int, _ shape: PictureShape, _ size: Int, into patches: inout [Float]
  ) {
    let (height, width, half) = (shape.height, shape.width, size / 2)
    var target = 0
    for channel in 0..<shape.channels {
      let plane = start + channel * height * width
      for (down, right) in (0..<size).flatMap({ row in (0..<size).map { (row - half, $0 - half) } }) {
        for row in 0..<height {
          let isInside = (0..<height).contains(row + down)
          let source = plane + (row + down) * width + right
          for column in 0..<width {
            patches[target] = isInside && (0..<width).contains(column + right) ? x[source + column] : 0
            target += 1
          }
        }
      }
    }
  }

  /// The largest number of each square of `size` × `size`; what is left over at the lower and right border is passed over.
  public static func maximumPooled(_ x: [Float], shape: PictureShape, size: Int) -> [Float] {
    let (height, width) = (shape.height / size, shape.width / size)
    let planes = shape.height * shape.width > 0 ? x.count / (shape.height * shape.width) : 0
    var y = [Float](repeating: 0, count: planes * height * width)
    for plane in 0..<planes {
      for row in 0..<height {
        for column in 0..<width {
          var largest = -Float.infinity
          for down in 0..<size {
            let start = plane * shape.height * shape.width + (row * size + down) * shape.width + column * size
            for index in start..<start + size { largest = max(largest, x[index]) }
          }
          y[(plane * height + row) * width + column] = largest
        }
      }
    }
    return y
  }
}
