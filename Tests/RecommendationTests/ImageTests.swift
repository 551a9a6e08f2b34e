import Foundation
import Learning
import MathKernels
import Neural
import Recommendation
import Testing

@Suite struct ImageTests {
  /// Pictures of a bright bar: upright, lying, or leaning; somewhere, on noise.
  static func bars(_ count: Int, seed: UInt64, channels: Int = 1) throws -> ImageSet {
    var random = RandomSource(seed: seed)
    var pixels: [Float] = []
    let labels = (0..<count).map { $0 % 3 }
    for label in labels {
      let place = 3 + random.index(below: 7)
      for row in 0..<13 {
        for column in 0..<12 {
          let isBar = label == 0 ? column == place : label == 1 ? row == place : row - column == place - 6
          for channel in 0..<channels {
            pixels.append(Float(isBar && channel == 0 ? 0.7 : 0) + Float(random.uniform()) * 0.3)
          }
        }
      }
    }
    return try ImageSet(height: 13, width: 12, channels: channels, pixels: pixels, labels: labels)
  }

  static let small = ImageEncoder.Configuration(
    filters: [6, 8], embeddingSize: 12, dropout: 0.1, epochs: 12, patience: 12, batchSize: 32,
    learningRate: 5e-3)

  @Test(arguments: [1, 2])
  func whatPicturesShowIsLearnedWhereverItIs(channels: Int) async throws {
    let images = try Self.bars(600, seed: 1, channels: channels)
    let test = try Self.bars(150, seed: 2, channels: channels)
    let model = try await ImageEncoder(Self.small).fit(
      ImageDataset(training: images, validation: try Self.bars(90, seed: 3, channels: channels)),
      context: FitContext(seed: 1))
    let right = zip(try model.classify(test), test.labels).filter { $0 == $1 }.count
    #expect(right > 140)
    #expect(try model.vectors(of: test).count == 150 * 12)
    #expect(try model.vectors(of: test).allSatisfy { $0 >= 0 })
  }

  @Test(arguments: [1, 3])
  func thePassWithoutLibtorchGivesTheSame(channels: Int) async throws {
    let images = try Self.bars(90, seed: 4, channels: channels)
    var settings = Self.small
    settings.epochs = 1
    settings.filters = [5, 7, 9]
    let model = try await ImageEncoder(settings).fit(
      ImageDataset(training: images), context: FitContext(seed: 2))
    let (own, other) = (try model.logits(of: images), try model.logitsByTorch(of: images))
    #expect(own.count == 90 * 3)
    #expect(zip(own, other).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func theSameSeedGivesTheSameModelAndSavingKeepsIt() async throws {
    let data = ImageDataset(training: try Self.bars(60, seed: 5), validation: try Self.bars(30, seed: 6))
    var settings = Self.small
    settings.epochs = 2
    let reports = Reports()
    let model = try await ImageEncoder(settings).fit(data, context: FitContext(seed: 3) { reports.add($0) })
    #expect(try await ImageEncoder(settings).fit(data, context: FitContext(seed: 3)) == model)
    #expect(try await ImageEncoder(settings).fit(data, context: FitContext(seed: 4)) != model)
    #expect(reports.all.last?.metrics["validation"] != nil)
    let loaded = try PackedPayload.decode(ImageEncoderModel.self, from: PackedPayload.encode(model))
    #expect(try loaded.vectors(of: data.training) == model.vectors(of: data.training))
  }

  @Test func badSettingsAndPicturesAreRefusedAndCancellingStops() async throws {
    let data = ImageDataset(training: try Self.bars(30, seed: 7))
    for wrong in [
      ImageEncoder.Configuration(filters: []), .init(filters: [4, 4, 4, 4]), .init(embeddingSize: 0),
      .init(dropout: 1),
      .init(batchSize: 0),
    ] {
      await #expect(throws: LearningError.self) {
        _ = try await ImageEncoder(wrong).fit(data, context: FitContext())
      }
    }
    await #expect(throws: LearningError.self) {
      _ = try await ImageEncoder().fit(
        ImageDataset(training: data.training.selecting([0, 3])), context: FitContext())
    }
    await #expect(throws: LearningError.self) {
      _ = try await ImageEncoder(Self.small).fit(
        ImageDataset(training: data.training, validation: try Self.bars(9, seed: 8, channels: 2)),
        context: FitContext())
    }
    for wrong in [[Float.nan], [], [1, 2]] as [[Float]] {
      #expect(throws: LearningError.self) {
        try ImageSet(height: 1, width: 1, channels: 1, pixels: wrong, labels: [0])
      }
    }
    #expect(throws: LearningError.self) {
      try ImageSet(height: 1, width: 1, channels: 1, pixels: [1], labels: [-1])
    }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await ImageEncoder(Self.small).fit(data, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  private func file(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = try EvaluationTests.file("", name)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func idxFilesAreReadAndBadOnesNamed() throws {
    let pictures = try file([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 255, 102], "images")
    let labels = try file([0, 0, 8, 1, 0, 0, 0, 2, 7, 0], "labels")
    let images = try IDXFile.read(images: pictures, labels: labels)
    #expect(images.labels == [7, 0])
    #expect((images.height, images.width, images.channels) == (1, 2, 1))
    #expect(images.pixels == [0, 51 / 255, 1, 102 / 255])
    let three = try file([0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 1], "labels")
    #expect(
      throws: RecommendationError.unreadableFile(
        path: three, reason: "expected 2 labels, one for each picture of \(pictures), found 3")
    ) { try IDXFile.read(images: pictures, labels: three) }
    #expect(
      throws: RecommendationError.unreadableFile(
        path: labels, reason: "expected unsigned bytes (type 8) in 3 dimensions, found type 8 in 1")
    ) { try IDXFile.read(images: labels, labels: labels) }
    let short = try file([0, 0, 8, 1, 0, 0, 0, 3, 7, 0], "labels")
    #expect(
      throws: RecommendationError.unreadableFile(
        path: short, reason: "expected 3 bytes after its header, found 2")
    ) { try IDXFile.read(images: pictures, labels: short) }
    let huge = try file([0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), "images")
    #expect(throws: RecommendationError.self) { try IDXFile.read(images: huge, labels: labels) }
    #expect(throws: RecommendationError.self) { try IDXFile.read(images: try file([], "x"), labels: labels) }
  }

  @Test func neighboursOfLearnedVectorsShowTheLikeMoreOftenThanThoseOfPixels() async throws {
    let evaluation = ImageEvaluation(neighbours: 5, resamples: 100, seed: 1)
    let parts = try evaluation.parts(try Self.bars(900, seed: 9))
    #expect(parts.training.count == 750)
    #expect(parts.validation.count == 75)
    let model = try await ImageEncoder(Self.small).fit(
      ImageDataset(training: parts.training, validation: parts.validation), context: FitContext(seed: 1))
    let report = try evaluation.evaluate(model, parts)
    #expect(report.cases == 75)
    #expect(report.metrics["accuracy"] ?? 0 > 0.9)
    #expect(report.metrics["precision"] ?? 0 > report.metrics["pixel_precision"] ?? 1)
    let interval = try #require(report.intervals["precision"])
    #expect(
      interval.lower <= report.metrics["precision"] ?? 0 && report.metrics["precision"] ?? 0 <= interval.upper
    )
    #expect(throws: RecommendationError.self) { try evaluation.parts(parts.test.selecting([1, 2, 3])) }
  }
}
