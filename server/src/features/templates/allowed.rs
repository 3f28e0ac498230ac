//! What a template may use. The engine counts steps but not bytes, and one step can make a gigabyte (`'a' * 1000000000`) or
//! double what it had (`{% set a = a ~ a %}`). **Invariant:** nothing that is allowed makes a value that is larger than what it
//! is made of, except `~` and `+`, which are few and whose result cannot be kept under a name.

use minijinja::machinery::{
    WhitespaceConfig,
    ast::{BinOpKind, CallArg, Expr, Stmt},
    parse,
};
use minijinja::syntax::SyntaxConfig;

use super::TemplateError;

/// `~` and `+` in one template.
const MOST_JOINED: usize = 20;
/// Bytes of a template.
const LONGEST: usize = 4_000;

const FILTERS: &[&str] = &[
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "e",
    "escape",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "title",
    "trim",
    "upper",
];

/// Reads a template, and refuses the first thing in it that is not allowed.
pub(super) fn check(template: &str) -> Result<(), TemplateError> {
    if template.len() > LONGEST {
        return Err(TemplateError::NotAllowed("more than 4,000 bytes".to_owned()));
    }
    let read = parse(template, "template", SyntaxConfig, WhitespaceConfig::default())?;
    Walk { joined: 0 }.statement(&read)
}

struct Walk {
    joined: usize,
}

/// What becomes of an expression's value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is written or asked about once.
    Passing,
    /// It gets a name, by which it can be used again.
    Kept,
}

type Allowed = Result<(), TemplateError>;

fn refused(what: impl Into<String>) -> Allowed {
    Err(TemplateError::NotAllowed(what.into()))
}

impl Walk {
    fn statements(&mut self, statements: &[Stmt<'_>]) -> Allowed {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'_>) -> Allowed {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr, Use::Passing),
            Stmt::IfCond(branch) => {
                self.expression(&branch.expr, Use::Passing)?;
                self.statements(&branch.true_body)?;
                self.statements(&branch.false_body)
            }
            Stmt::ForLoop(each) => {
                self.expression(&each.iter, Use::Kept)?;
                each.filter_expr.iter().try_for_each(|filter| self.expression(filter, Use::Passing))?;
                self.statements(&each.body)?;
                self.statements(&each.else_body)
            }
            Stmt::WithBlock(with) => {
                with.assignments.iter().try_for_each(|(_, value)| self.expression(value, Use::Kept))?;
                self.statements(&with.body)
            }
            Stmt::Set(set) => self.expression(&set.expr, Use::Kept),
            Stmt::SetBlock(_) => refused("`{% set %}` around a text"),
            Stmt::FilterBlock(_) => refused("`{% filter %}`"),
            Stmt::AutoEscape(_) => refused("`{% autoescape %}`"),
            Stmt::Do(_) => refused("`{% do %}`"),
        }
    }

    fn expressions<'a>(&mut self, all: impl IntoIterator<Item = &'a Expr<'a>>, used: Use) -> Allowed {
        all.into_iter().try_for_each(|one| self.expression(one, used))
    }

    fn expression(&mut self, expression: &Expr<'_>, used: Use) -> Allowed {
        match expression {
            Expr::Var(_) | Expr::Const(_) => Ok(()),
            Expr::GetAttr(get) => self.expression(&get.expr, used),
            Expr::GetItem(get) => self.expressions([&get.expr, &get.subscript_expr], used),
            Expr::Slice(slice) => {
                self.expression(&slice.expr, used)?;
                [&slice.start, &slice.stop, &slice.step]
                    .into_iter()
                    .flatten()
                    .try_for_each(|bound| self.expression(bound, used))
            }
            Expr::UnaryOp(unary) => self.expression(&unary.expr, used),
            Expr::BinOp(binary) => {
                self.operator(binary.op, used)?;
                self.expression(&binary.left, used)?;
                self.expression(&binary.right, used)
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr, used)?;
                compare.ops.iter().try_for_each(|operand| self.expression(&operand.expr, used))
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr, used)?;
                self.expression(&choice.true_expr, used)?;
                choice.false_expr.iter().try_for_each(|other| self.expression(other, used))
            }
            Expr::Filter(filter) => {
                if !FILTERS.contains(&filter.name) {
                    return refused(format!("the filter `{}`", filter.name));
                }
                filter.expr.iter().try_for_each(|value| self.expression(value, used))?;
                self.arguments(&filter.args, used)
            }
            Expr::Test(test) => {
                self.expression(&test.expr, used)?;
                self.arguments(&test.args, used)
            }
            Expr::Call(_) => refused("a function's call"),
            Expr::List(list) if used == Use::Passing || list.as_const().is_some() => {
                list.items.iter().try_for_each(|item| self.expression(item, used))
            }
            Expr::Map(map) if used == Use::Passing || map.as_const().is_some() => {
                map.keys.iter().chain(&map.values).try_for_each(|item| self.expression(item, used))
            }
            Expr::List(_) | Expr::Map(_) => refused("a list or map that gets a name"),
        }
    }

    fn operator(&mut self, operator: BinOpKind, used: Use) -> Allowed {
        match operator {
            BinOpKind::Mul => refused("`*`"),
            BinOpKind::Pow => refused("`**`"),
            BinOpKind::Concat | BinOpKind::Add if used == Use::Kept => {
                refused("`~` or `+` in a value that gets a name; write the parts one after the other")
            }
            BinOpKind::Concat | BinOpKind::Add => {
                self.joined += 1;
                if self.joined > MOST_JOINED { refused("more than 20 times `~` or `+`") } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>], used: Use) -> Allowed {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(value) | CallArg::Kwarg(_, value) => self.expression(value, used),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => refused("`*` in a filter's arguments"),
        })
    }
}
