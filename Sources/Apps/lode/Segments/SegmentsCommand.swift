import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import MathKernels
import Segmentation

/// `lode segments`: parts customers into segments, and says what sets each apart.
struct SegmentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segments",
    abstract: "Part customers into segments, and say what sets each apart: a file's, or a shop's.",
    subcommands: [
      SegmentsFileCommand.self, SegmentsFitCommand.self, SegmentsListCommand.self, SegmentsShowCommand.self,
      SegmentsMigrationCommand.self,
    ], defaultSubcommand: SegmentsFileCommand.self)
}

/// `lode segments --customers FILE`: a plain file's customers.
struct SegmentsFileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "file",
    abstract: "Segment the customers of a plain file; what is done when no other verb is named.",
    discussion: """
      Columns of numbers are brought to one scale, skewed ones as logarithms, outliers pulled in and gaps filled; columns of \
      categories become shares. Without --clusters the number of segments is chosen by silhouette among those that are found \
      again when customers are drawn anew, for Gaussian mixtures by BIC. LDA takes a row for each customer and item bought and \
      finds tastes: what is bought together. CSV has a line for each customer; JSON also \
      the segments' traits, the quality and a map.
      """)

  enum Algorithm: String, ExpressibleByArgument, CaseIterable {
    case kMeans = "KMeans"
    case miniBatchKMeans = "MiniBatchKMeans"
    case ward = "Ward"
    case average = "Average"
    case complete = "Complete"
    case gaussianMixture = "GaussianMixture"
    case rfm = "RFM"
    case lda = "LDA"
  }

  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case standard, robust
    case minMax = "min-max"
    case none
  }

  enum MapMethod: String, ExpressibleByArgument, CaseIterable {
    case principal = "PCA"
    case neighbours = "t-SNE"
  }

  enum Language: String, ExpressibleByArgument, CaseIterable { case en, zh }

  @OptionGroup var file: CustomerFile
  @Option(help: "The algorithm.") var algorithm = Algorithm.kMeans
  @Option(help: ArgumentHelp("How many segments, else chosen.", valueName: "count")) var clusters: Int?
  @Option(help: ArgumentHelp("The most segments when their number is chosen.", valueName: "count"))
  var maxClusters = 8
  @Option(help: ArgumentHelp("How many starts k-means has.", valueName: "count")) var restarts = 4
  @Option(help: "What numbers are scaled by; with none they also keep their outliers.") var scale = Scale
    .standard
  @Option(help: "The language of names in CSV.") var language = Language.en
  @Option(help: "How the map in JSON is drawn; t-SNE takes at most 3000 customers.") var map = MapMethod
    .principal
  @Option(help: "Seeds starts, samples and draws.") var seed: UInt64 = 42
  @Flag(help: "Write JSON instead of CSV.") var json = false

  func validate() throws {
    for (name, value) in [("clusters", clusters), ("max-clusters", maxClusters - 1), ("restarts", restarts)] {
      if let value, value < 1 {
        throw ValidationError(
          "--\(name) is \(name == "max-clusters" ? value + 1 : value); expected a whole number of at least \(name == "max-clusters" ? 2 : 1)."
        )
      }
    }
    if algorithm == .rfm, clusters != nil {
      throw ValidationError("--clusters is of no use to RFM, whose segments are given.")
    }
  }

  func run() async throws {
    let answer =
      switch algorithm {
      case .rfm: try scored()
      case .lda: try await tasted()
      default: try clustered()
      }
    if json { return Console.write(try answer.json(seed: seed, map: map)) }
    let writer = CSVWriter(columns: ["id", "segment", "name"] + answer.figureNames)
    var output = writer.header
    for (row, id) in answer.table.ids.enumerated() {
      let segment = answer.labels[row]
      let name = answer.profiles[segment].name
      var line: [String: JSONValue] = [
        "id": .string(id), "segment": JSONValue(segment + 1),
        "name": .string(language == .zh ? name.zh : name.en),
      ]
      for (figure, values) in zip(answer.figureNames, answer.figures) {
        line[figure] = JSONValue(values[row])
      }
      output += writer.line(.object(line))
    }
    print(output, terminator: "")
  }

  /// What parts points; nil for what does so in a way of its own.
  private var segmenter: (any Segmenter)? {
    switch algorithm {
    case .kMeans: KMeans(.init(restarts: restarts))
    case .miniBatchKMeans: MiniBatchKMeans()
    case .ward: HierarchicalClustering(.ward)
    case .average: HierarchicalClustering(.average)
    case .complete: HierarchicalClustering(.complete)
    case .gaussianMixture, .rfm, .lda: nil
    }
  }

  private func clustered() throws -> SegmentsAnswer {
    let (table, notes) = try file.read()
    notes.forEach(Console.note)
    var settings = TableEncoding.Configuration(scale: .init(rawValue: scale.rawValue) ?? .standard)
    if scale == .none { (settings.winsorizedShare, settings.logAboveSkewness) = (0, .infinity) }
    let encoding = try TableEncoding(settings).fit(table)
    for name in encoding.constantColumns {
      Console.note("column '\(name)' is passed over: nothing varies in it")
    }
    let points = try encoding.encode(table)
    var answer = SegmentsAnswer(
      algorithm: algorithm.rawValue, table: table, points: points, encoding: encoding)
    if let segmenter {
      if clusters == nil {
        answer.choice = try SegmentCount(2...max(2, maxClusters)).choose(
          points, by: segmenter, context: FitContext(seed: seed))
      }
      answer.segmenter = segmenter
      let began = ContinuousClock.now
      answer.labels = try segmenter.segment(
        points, into: clusters ?? answer.choice?.count ?? 1, context: FitContext(seed: seed))
      answer.seconds = (ContinuousClock.now - began) / .seconds(1)
      answer.figureNames = ["distance"]
      answer.figures = [answer.distances()]
    } else {
      try mix(&answer)
    }
    answer.profiles = try SegmentProfiles().profiles(of: table, answer.labels)
    return answer
  }

  private func mix(_ answer: inout SegmentsAnswer) throws {
    let counts = clusters.map { $0...$0 } ?? 1...min(maxClusters, max(1, answer.points.rows - 1))
    let (model, tried) = try MixtureSearch(segments: counts).best(
      answer.points, context: FitContext(seed: seed))
    let posteriors = try model.posteriors(answer.points)
    // By the sizes of the most probable segments, as they are numbered everywhere.
    answer.labels = try model.assign(answer.points)
    answer.figureNames = ["probability"]
    answer.figures = [answer.labels.enumerated().map { posteriors[$0, $1] }]
    (answer.mixture, answer.tried) = (model, tried)
  }

  private static let usualTastes = 6

  private func tasted() async throws -> SegmentsAnswer {
    let baskets = try file.readBaskets()
    let began = ContinuousClock.now
    let model = try await BasketTopics(.init(tastes: clusters ?? Self.usualTastes)).fit(
      baskets, context: FitContext(seed: seed))
    let names = model.tastes.indices.map { "taste_\($0 + 1)" }
    let columns = model.tastes.indices.map { taste in model.mixtures.map { $0[taste] } }
    let table = try CustomerTable(
      ids: model.customers, columns: zip(names, columns).map { .init(name: $0, .numbers($1)) })
    var answer = SegmentsAnswer(
      algorithm: algorithm.rawValue, table: table,
      points: Matrix(
        rows: model.customers.count, columns: model.tastes.count, model.mixtures.flatMap { $0 }),
      encoding: nil)
    answer.seconds = (ContinuousClock.now - began) / .seconds(1)
    // Tastes that are nobody's strongest have no segment.
    answer.labels = model.labels
    answer.profiles = try SegmentProfiles().profiles(of: table, answer.labels)
    for index in answer.profiles.indices {
      answer.profiles[index].name = Wording(zh: model.names[index], en: model.names[index])
    }
    (answer.figureNames, answer.figures, answer.tastes) = (names, columns, model.tastes)
    return answer
  }

  private func scored() throws -> SegmentsAnswer {
    let customers = try file.readRFM()
    let table = try CustomerTable(
      ids: customers.map(\.id),
      columns: [
        .init(name: "recency", .numbers(customers.map(\.recencyDays))),
        .init(name: "frequency", .numbers(customers.map(\.frequency))),
        .init(name: "monetary", .numbers(customers.map(\.monetary))),
      ])
    let cells = RFMCell.allCases.filter { cell in customers.contains { $0.cell == cell } }
    let scores = customers.flatMap {
      [Double($0.recencyScore), Double($0.frequencyScore), Double($0.monetaryScore)]
    }
    var answer = SegmentsAnswer(
      algorithm: algorithm.rawValue, table: table,
      points: Matrix(rows: customers.count, columns: 3, scores), encoding: nil)
    answer.labels = customers.map { cells.firstIndex(of: $0.cell) ?? 0 }
    answer.profiles = try SegmentProfiles().profiles(of: table, answer.labels)
    for index in answer.profiles.indices { answer.profiles[index].name = cells[index].wording }
    answer.figureNames = [
      "recency", "frequency", "monetary", "recency_score", "frequency_score", "monetary_score",
    ]
    answer.figures = [
      customers.map(\.recencyDays), customers.map(\.frequency), customers.map(\.monetary),
      customers.map { Double($0.recencyScore) }, customers.map { Double($0.frequencyScore) },
      customers.map { Double($0.monetaryScore) },
    ]
    return answer
  }
}
