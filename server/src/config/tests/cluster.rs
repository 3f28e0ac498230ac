//! Who may be named as the engine of integrations.

use super::*;

#[test]
fn a_cluster_needs_a_build_that_has_its_client() {
    let file = |engine: &str| format!("{NEEDED}[integrations]\nengine = \"{engine}\"\n");
    let refused = |engine: &str| load(&file(engine), &[]).expect_err("a refusal");
    assert!(works(NEEDED, &[]).integrations.runs.cluster.is_none());
    assert!(works(&file("local"), &[]).integrations.runs.cluster.is_none());
    for engine in ["spark://host:7077", "ballista://host", "ballista://user@host:50050"] {
        let told = refused(engine);
        assert!(
            told.contains("`integrations.engine` in deskside.toml:10 must be \"local\", or the scheduler"),
            "{told}"
        );
    }
    let cluster = "ballista://scheduler.internal:50050";
    if engine::HAS_BALLISTA {
        assert_eq!(
            works(&file(cluster), &[]).integrations.runs.cluster.expect("a cluster").to_string(),
            cluster
        );
    } else {
        let told = refused(cluster);
        assert!(told.contains("build it with the cargo feature `ballista`"), "{told}");
    }
}
