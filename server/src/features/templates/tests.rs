//! Templates as admins write them, and as somebody would who wants to stop the server.

use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

async fn filled(template: &str, attributes: &Value) -> String {
    let task = Task { attributes, channel: "voice", caller: "+815012345678", task_sid: "WT1" };
    render(template, &task, "New ticket").await
}

#[tokio::test]
async fn a_template_is_filled_from_the_task() {
    let attributes = json!({
        "name": "Ada", "customers": {"plan": "Gold"}, "quoted": "<b>", "channel": "mine", "skills": ["a", "b"],
        "long": "x".repeat(5_000),
    });
    let check = async |template: &str, expected: &str| {
        assert_eq!(filled(template, &attributes).await, expected, "{template}");
    };
    check("{{ channel }}: {{ caller }}", "voice: +815012345678").await;
    check("{{ name }} ({{ customers.plan }})", "Ada (Gold)").await;
    check("{{ nobody.at.all }}", "New ticket").await;
    check("{% if name == 'Ada' %}Hello{% endif %}", "Hello").await;
    check("{{ quoted }}", "<b>").await;
    check("", "New ticket").await;
    check("  plain  ", "plain").await;
    check("{{ name.strftime() }}", "New ticket").await;
    check("{% for skill in skills %}{{ skill|upper }} {% endfor %}", "A B").await;
    check("{% set who = nobody or name %}{{ who ~ '!' }}", "Ada!").await;
    check("{{ skills|join(', ') }} {{ name|replace('A', 'I') }}", "a, b Ida").await;
    check("{{ nobody|default('someone') }} {{ skills|length }}", "someone 2").await;
    check("{{ long|first }}{% for c in ['a', 'b'] %}{{ c }}{% endfor %}", "xab").await;
}

#[test]
fn what_is_no_template_is_refused_with_its_place() {
    assert!(check("{{ name }} {% if x %}y{% endif %}").is_ok());
    assert!(check("{{ name.nobody.at.all|upper }} {{ name / 2 }}").is_ok(), "another task may fill it");
    let refused = check("{{ name").expect_err("it is not closed").to_string();
    assert!(refused.starts_with("cannot be read: "), "{refused}");
}

/// Each is refused when it is saved, and makes the default text, at once, where it was saved before.
#[tokio::test]
async fn a_template_without_bounds_is_refused_and_harms_nobody() {
    let doubling =
        |rounds: usize| format!("{{% set a = name %}}{}{{{{ a }}}}", "{% set a = a ~ a %}".repeat(rounds));
    let nested_with = "{% with a = a ~ a %}".repeat(40) + "{{ a }}" + &"{% endwith %}".repeat(40);
    let nested_loops = "{% for x in [1, 2, 3, 4, 5, 6, 7, 8] %}".repeat(12) + &"{% endfor %}".repeat(12);
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(1_500), ")".repeat(1_500));
    let not = format!("{{{{ {} 1 }}}}", "not ".repeat(900));
    let minus = format!("{{{{ {}1 }}}}", "-".repeat(3_900));
    let ifs = "{% if 1 %}".repeat(300);
    let chained = format!("{{{{ 'aaaaaaaaaa'{} }}}}", "|replace('a', 'aaaaaaaaaa')".repeat(100));
    let escaped = format!("{{{{ name{} }}}}", "|e".repeat(1_900));
    let joined = format!("{{{{ name{} }}}}", " ~ name".repeat(500));
    let kept = "{% set a = [a, a] %}".repeat(100) + "{{ a|join }}";
    let literal = format!("{{{{ '{}' }}}}", "x".repeat(5_000));
    for template in [
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
        "{{ range(100000)|sort|join }}",
        "{{ '%1000000000s'|format(name) }}",
        "{{ name|indent(1000000000) }}",
        "{{ [1]|batch(1000000000, 0) }}",
        "{{ [1]|slice(1000000000) }}",
        "{{ ['a', 'b']|map('replace', '', 'x') }}",
        "{% set a %}{% for x in 'abc' %}x{% endfor %}{% endset %}",
        "{% filter upper %}x{% endfilter %}",
        "{% for x in name recursive %}{{ loop(name) }}{% endfor %}",
        "{% macro m(a) %}{{ m(a) }}{% endmacro %}{{ m(1) }}",
        "{% include 'template' %}",
        "{{ dict(a=1) }}",
        "{{ name|upper(*name) }}",
        &doubling(40),
        &nested_with,
        &nested_loops,
        &deep,
        &ifs,
        &chained,
        &joined,
        &kept,
        &literal,
    ] {
        let began = Instant::now();
        let said = check(template).expect_err(template).to_string();
        assert!(!said.is_empty() && said.len() < 1_000, "{said}");
        assert_eq!(filled(template, &json!({"name": "Ada"})).await, "New ticket", "{template}");
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}: {template}", began.elapsed());
    }
    // Harmless, whatever they say.
    for template in [&not, &minus, &escaped] {
        let began = Instant::now();
        drop((check(template), filled(template, &json!({"name": "<&>".repeat(9_000)})).await));
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}: {template}", began.elapsed());
    }
}

#[tokio::test]
async fn a_task_that_is_too_large_for_its_template_makes_the_default_text() {
    let large = json!({"name": "x".repeat(200_000), "all": vec!["y".repeat(100); 3_000]});
    let check = async |template: &str, expected: &str| {
        let began = Instant::now();
        assert_eq!(filled(template, &large).await, expected, "{template}");
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}: {template}", began.elapsed());
    };
    check("{{ name }}{{ name }}", &"x".repeat(LONGEST)).await;
    check(
        "{% for one in all %}{% for other in all %}{{ one == other }}{% endfor %}{% endfor %}",
        "New ticket",
    )
    .await;
    check("{{ all|join }}", "New ticket").await;
    check("{{ name|replace('x', 'yyyyy') }}", "New ticket").await;
    check("{{ all|length > 100 and caller }}", "+815012345678").await;
}

#[tokio::test]
async fn what_takes_its_time_is_not_waited_for() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    assert_eq!(beside(move || wait.recv().is_ok()).await, None);
    drop(go);
}

proptest::proptest! {
    #[test]
    fn whatever_is_written_it_ends(template in "(\\{\\{|\\}\\}|\\{%|%\\}| set | for | in | if |end|name|a|~|\\||\\(|\\)|'|[0-9]|x| ){0,40}") {
        let began = Instant::now();
        let _ = check(&template);
        proptest::prop_assert!(began.elapsed() < Duration::from_secs(1));
    }
}
