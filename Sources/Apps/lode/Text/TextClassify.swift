import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text classify`: the class of each text by a model of the caller's own.
struct TextClassify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Say to which class each text belongs, by a model that 'lode text train classifier' made.",
    discussion: "Each answer is the class and its calibrated probability, separated by a tab.")

  @OptionGroup var options: TextOptions
  @Option(help: ArgumentHelp("The model.", valueName: "file")) var model: String

  func run() async throws {
    var model: LinearTextModel = try TextModels.read(URL(fileURLWithPath: model))
    if model.needsEmbedder { model.embedder = try options.textModels().embedder() }
    let (classifier, json) = (model, options.json)
    try options.lines().answer { lines in
      try classifier.classify(lines).map { found in
        guard json else { return "\(found.label.onOneLine)\t\(String(format: "%.4f", found.probability))" }
        return JSONValue.object([
          "label": .string(found.label), "probability": JSONValue(found.probability),
          "probabilities": .object(
            Dictionary(
              uniqueKeysWithValues: zip(classifier.labels, found.probabilities.map { JSONValue($0) }))),
        ]).json
      }
    }
  }
}
