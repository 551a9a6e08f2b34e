import Features
import Foundation
import Learning
import MathKernels
import Needs
import Neural
import Testing

@Suite struct ProfileFusionTests {
  static let concatenation = ProfileConcatenation(.init(width: 8))
  static let clusters = ProfileClusters(.init(clusters: 24, concatenation: .init(width: 8)))
  static let learned = LearnedFusion(
    .init(
      width: 8, hiddenSize: 16, epochs: 25, patience: 25, batchSize: 64, learningRate: 5e-3,
      modalityDropout: 0.3))

  /// The area under the curve on a later window, seen through some modes alone.
  static func area(
    _ fusion: some ProfileFusion, _ data: ProfileDataset, seed: UInt64, modes: Set<ProfileMode>? = nil,
    hiding: Set<ProfileMode> = []
  ) async throws -> Double {
    let kept = modes ?? Set(ProfileTestData.traits)
    let fitted = try await FusedHead.fit(
      fusion, data: data.mapModes { $0.only(kept) }, context: FitContext(seed: seed))
    let test = ProfileTestData.window(400, day: 112, seed: seed)
    let margins = try fitted.margins(of: test.modes.only(kept).without(hiding))
    return ClassificationMetrics.areaUnderROC(
      scores: margins.map(Double.init), labels: test.bought.map { $0 > 0 })
  }

  static func savedAndRead<Model: FusedProfiles>(_ model: Model) throws -> Model {
    try PackedPayload.decode(Model.self, from: PackedPayload.encode(model))
  }

  @Test(arguments: [UInt64(1), 2])
  func concatenationTellsMoreThanAnyModeAlone(seed: UInt64) async throws {
    let data = ProfileTestData.dataset(seed: seed)
    let all = try await Self.area(Self.concatenation, data, seed: seed)
    #expect(all > 0.7)
    for mode in ProfileTestData.traits {
      let alone = try await Self.area(Self.concatenation, data, seed: seed, modes: [mode])
      #expect(all > alone + 0.05, "\(mode)")
      #expect(alone > 0.52, "\(mode)")
      let others = try await Self.area(
        Self.concatenation, data, seed: seed, modes: Set(ProfileTestData.traits).subtracting([mode]))
      #expect(all > others + 0.01, "\(mode)")
    }
  }

  @Test func clustersTellMoreThanNothing() async throws {
    let data = ProfileTestData.dataset(seed: 3)
    #expect(try await Self.area(Self.clusters, data, seed: 3) > 0.6)
    let model = try await Self.clusters.fit(data, context: FitContext(seed: 3))
    let shares = try model.vectors(of: data.validation.modes)
    #expect(model.width == 24 && shares.columns == 24)
    for row in 0..<shares.rows { #expect(abs(shares.row(row).reduce(0, +) - 1) < 1e-4) }
  }

  @Test(.enabled(if: Torch.isAvailable, "needs libtorch"))
  func learnedFusionTellsMoreThanAnyModeAlone() async throws {
    let data = ProfileTestData.dataset(seed: 4)
    let all = try await Self.area(Self.learned, data, seed: 4)
    #expect(all > 0.7)
    for mode in ProfileTestData.traits {
      #expect(all > (try await Self.area(Self.learned, data, seed: 4, modes: [mode])) + 0.05, "\(mode)")
    }
  }

  @Test(.enabled(if: Torch.isAvailable, "needs libtorch"))
  func learnedFusionHoldsWhenAModeIsMissing() async throws {
    let data = ProfileTestData.dataset(seed: 5)
    for mode in ProfileTestData.traits {
      let others = Set(ProfileTestData.traits).subtracting([mode])
      let never = try await Self.area(Self.learned, data, seed: 5, modes: others)
      let hidden = try await Self.area(Self.learned, data, seed: 5, hiding: [mode])
      #expect(hidden > never - 0.03, "\(mode)")
    }
    let model = try await Self.learned.fit(data, context: FitContext(seed: 5))
    let nothing = try model.vectors(of: data.validation.modes.only([]))
    #expect(nothing.elements.allSatisfy { $0 == 0 })
    let (modes, shares) = try model.shares(of: data.validation.modes.without([.images]))
    let images = try #require(modes.firstIndex(of: .images))
    for row in 0..<shares.rows {
      #expect(abs(shares.row(row).reduce(0, +) - 1) < 1e-4 && shares[row, images] == 0)
    }
  }

  @Test(.enabled(if: Torch.isAvailable, "needs libtorch"))
  func profilesWithoutLibtorchAgreeWithIt() async throws {
    let data = ProfileTestData.dataset(seed: 10, customers: 80, missing: [.attributes: 0.5, .behaviour: 0.5])
    let model = try await Self.learned.fit(data, context: FitContext(seed: 10))
    let modes = data.validation.modes
    let (own, theirs) = (try model.vectors(of: modes), try model.vectorsByTorch(of: modes))
    #expect(own.elements.contains { abs($0) > 0.1 })
    #expect(zip(own.elements, theirs.elements).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func missingModesOfSomeCustomersAreNoObstacle() async throws {
    let missing: [ProfileMode: Double] = [.attributes: 0.7, .images: 0.4, .behaviour: 0.1]
    let data = ProfileTestData.dataset(seed: 6, missing: missing)
    #expect(try await Self.area(Self.concatenation, data, seed: 6) > 0.65)
    let model = try await Self.concatenation.fit(data, context: FitContext(seed: 6))
    let vectors = try model.vectors(of: data.validation.modes)
    #expect(vectors.rows == 300 && vectors.elements.allSatisfy(\.isFinite))
    let none = try model.vectors(of: data.validation.modes.only([]))
    #expect(none.elements.allSatisfy(\.isFinite) && none.row(0).elementsEqual(none.row(1)))
  }

  @Test func sameSeedGivesTheSameProfilesAndSavingKeepsThem() async throws {
    let data = ProfileTestData.dataset(seed: 7, customers: 120)
    func check<Fusion: ProfileFusion>(_ fusion: Fusion) async throws where Fusion.Model: Equatable {
      let first = try await fusion.fit(data, context: FitContext(seed: 9))
      let second = try await fusion.fit(data, context: FitContext(seed: 9))
      #expect(first == second, "\(fusion.name)")
      let read = try Self.savedAndRead(first)
      #expect(read == first)
      #expect(
        try read.vectors(of: data.validation.modes) == second.vectors(of: data.validation.modes))
    }
    try await check(Self.concatenation)
    try await check(Self.clusters)
    if Torch.isAvailable { try await check(Self.learned) }
  }

  @Test func damagedModelsAreRefused() async throws {
    let data = ProfileTestData.dataset(seed: 8, customers: 40)
    let model = try await Self.clusters.fit(data, context: FitContext(seed: 1))
    let json = try JSONEncoder().encode(model)
    #expect(try JSONDecoder().decode(ProfileClustersModel.self, from: json) == model)
    // Another width of a block, and centres of another length.
    for (written, read) in [
      ("\"width\":10", "\"width\":11"), ("\"centres\":\"", "\"centres\":\"AAAAAAAAAAAAAAAA"),
    ] {
      let text = String(decoding: json, as: UTF8.self)
      #expect(text.contains(written))
      let damaged = Data(text.replacing(written, with: read).utf8)
      #expect(throws: LearningError.self) {
        try JSONDecoder().decode(ProfileClustersModel.self, from: damaged)
      }
    }
  }

  @Test func refusesWhatDoesNotFit() async throws {
    let data = ProfileTestData.dataset(seed: 8, customers: 40)
    let model = try await Self.concatenation.fit(data, context: FitContext(seed: 1))
    let other = ProfileModes(
      customers: data.validation.modes.customers, day: 0,
      blocks: [
        ModeBlock(
          mode: .behaviour, width: 3, values: [Float](repeating: 1, count: 120),
          present: [Bool](repeating: true, count: 40))
      ])
    #expect(throws: NeedError.self) { try model.vectors(of: other) }
    await #expect(throws: NeedError.self) {
      try await ProfileConcatenation(.init(width: 0)).fit(data, context: FitContext())
    }
    await #expect(throws: NeedError.self) {
      try await LearnedFusion(.init(modalityDropout: 1)).fit(data, context: FitContext())
    }
    await #expect(throws: NeedError.self) {
      try await Self.concatenation.fit(data.mapModes { $0.only([]) }, context: FitContext())
    }
  }
}
