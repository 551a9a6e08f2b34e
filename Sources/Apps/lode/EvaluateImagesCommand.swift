import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// `lode evaluate images`: measures learned vectors of pictures.
struct EvaluateImages: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Measure learned vectors of pictures: classes told right, neighbours that show the like.",
    discussion: """
      The files are of the IDX format, gzipped or not, as Fashion-MNIST has them. Ten twelfths of the pictures at random are \
      learned from, a twelfth decides when to stop, a twelfth is the test. Beside the figures of the learned vectors stand \
      those of plain pixels.
      """)

  @Option(help: "The file of pictures.") var images: String
  @Option(help: "The file of their classes.") var labels: String
  @Option(help: "A second file of pictures, to measure on instead of the twelfth.") var testImages: String?
  @Option(help: "The file of their classes.") var testLabels: String?
  @Option(help: "How many filters each block of the network has, separated by commas.") var filters: String?
  @Option(help: "How many numbers describe a picture.") var embeddingSize: Int?
  @Option(help: "How often all pictures are learned from at most.") var epochs: Int?
  @Option(help: "How many neighbours are looked at.") var neighbours = 10
  @Option(help: "Seeds the parts, the model and the confidence intervals.") var seed: UInt64 = 42
  @Option(help: "Resamples of the confidence intervals; 0 for none.") var resamples = 1000
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    do {
      try show(try await measured())
    } catch let error as RecommendationError {
      try InteractionOptions.fail(error.description)
    } catch let error as LearningError {
      try InteractionOptions.fail(error.description)
    } catch let error as ValidationError {
      try InteractionOptions.fail(error.message)
    }
  }

  /// The figures, and what they were taken on.
  private struct Output: Encodable {
    var figures: ImageEvaluation.Report
    var trainingCases: Int
    var seconds: Double
    var seed: UInt64

    enum CodingKeys: String, CodingKey {
      case seconds, seed
      case trainingCases = "training_cases"
    }

    func encode(to encoder: any Encoder) throws {
      try figures.encode(to: encoder)
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(trainingCases, forKey: .trainingCases)
      try values.encode(seconds, forKey: .seconds)
      try values.encode(seed, forKey: .seed)
    }
  }

  private func measured() async throws -> Output {
    guard neighbours > 0 else { throw ValidationError("--neighbours is a positive number.") }
    guard (testImages == nil) == (testLabels == nil) else {
      throw ValidationError("--test-images and --test-labels go together.")
    }
    let evaluation = ImageEvaluation(neighbours: neighbours, resamples: resamples, seed: seed)
    var parts = try evaluation.parts(try IDXFile.read(images: images, labels: labels))
    if let testImages, let testLabels {
      parts.test = try IDXFile.read(images: testImages, labels: testLabels)
    }
    let started = ContinuousClock.now
    let model = try await ImageEncoder(try settings()).fit(
      ImageDataset(training: parts.training, validation: parts.validation),
      context: FitContext(seed: seed) { progress in
        let figures = progress.metrics.sorted { $0.key < $1.key }.map {
          String(format: ", %@ %.4f", $0.key, $0.value)
        }
        FileHandle.standardError.write(Data("epoch \(progress.step)\(figures.joined())\n".utf8))
      })
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    return Output(
      figures: try evaluation.evaluate(model, parts), trainingCases: parts.training.count, seconds: seconds,
      seed: seed)
  }

  private func settings() throws -> ImageEncoder.Configuration {
    var settings = ImageEncoder.Configuration()
    settings.embeddingSize = embeddingSize ?? settings.embeddingSize
    settings.epochs = epochs ?? settings.epochs
    if let filters {
      let numbers = filters.split(separator: ",").map { Int($0) ?? 0 }
      guard !numbers.isEmpty, numbers.allSatisfy({ $0 > 0 }) else {
        throw ValidationError("--filters are positive numbers separated by commas, found '\(filters)'.")
      }
      settings.filters = numbers
    }
    return settings
  }

  private func show(_ output: Output) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      return print(String(decoding: try encoder.encode(output), as: UTF8.self))
    }
    func cells(_ name: String) -> [String] {
      [
        Figures.text(output.figures.metrics[name]),
        output.figures.intervals[name].map { "\(Figures.text($0.lower))–\(Figures.text($0.upper))" } ?? "",
      ]
    }
    Console.table(
      ["vectors", "accuracy", "95%", "precision@\(neighbours)", "95%"],
      [
        ["ImageEncoder"] + cells("accuracy") + cells("precision"),
        ["pixels"] + cells("pixel_accuracy") + cells("pixel_precision"),
      ])
    print(
      "\(output.figures.cases) pictures, learned from \(output.trainingCases) in \(Figures.text(output.seconds, 0)) s; "
        + "the class by pixels is that of most of the 5 nearest")
  }
}
