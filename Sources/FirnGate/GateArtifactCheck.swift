import FirnModel

extension GateJudgement {
    /// Binds the artifact to the verdict, and measures it by the policy.
    mutating func checkArtifact() {
        let images = report.targets.filter { $0.kind == "image" }
        guard let given = input.artifact else {
            if images.isEmpty { warnings.append("contents not verified: no report of an image is among the reports") }
            if policy.isVerifiedArtifactRequired {
                block(.notVerified, "the policy wants a verified artifact, and none was given")
            }
            return
        }
        let limit = policy.sizeLimits[given.kind]
        if let limit {
            if given.size > limit {
                block(
                    .size,
                    "\(given.name) has \(Self.megabytes(given.size)), and \(given.kind.rawValue) may have "
                        + Self.megabytes(limit))
            } else if given.size * 100 >= limit * Gate.sizeWarning {
                warnings.append(
                    "\(given.name) has \(Self.megabytes(given.size)), \(given.size * 100 / limit) % of the limit of "
                        + "\(Self.megabytes(limit)) for \(given.kind.rawValue)")
            }
        }
        var isVerified = false
        for image in images {
            if let digest = image.digest, digest == given.digest, image.size == nil || image.size == given.size {
                isVerified = true
            }
        }
        if !images.isEmpty, !isVerified {
            block(
                .artifactMismatch,
                "\(given.name) is not the image that was judged: its digest is \(given.digest ?? "none, as a build result"), "
                    + "that of the report \(images.map { $0.digest ?? "none" }.joined(separator: ", "))")
        } else if !isVerified {
            let sentence = "contents of \(given.name) not verified: no report of this image is among the reports"
            if policy.isVerifiedArtifactRequired {
                block(.notVerified, sentence)
            } else {
                warnings.append(sentence)
            }
        }
        if given.toplevel == nil, given.digest == nil {
            block(
                .artifactMismatch,
                "\(given.name) is a build result that names no system, so nothing says whose machine it is")
        } else if let toplevel = given.toplevel, toplevel != system.toplevel {
            block(
                .artifactMismatch,
                "\(given.name) is a machine of \(toplevel), and the reports are of \(system.toplevel ?? "no system")")
        }
        artifact = Verdict.Artifact(
            name: given.name, kind: given.kind.rawValue, digest: given.digest, size: given.size, limit: limit,
            isVerified: isVerified)
    }

    /// A size in MB of 1,048,576 bytes, with a digit behind the point, rounded up: a limit is not kept by rounding.
    static func megabytes(_ size: Int64) -> String {
        let tenths = (size / 1_048_576) * 10 + (size % 1_048_576 * 10 + 1_048_575) / 1_048_576
        return tenths % 10 == 0 ? "\(tenths / 10) MB" : "\(tenths / 10).\(tenths % 10) MB"
    }
}
