using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Qfx.Mutants;

/// <summary>Puts all mutants of a file into it, each behind a switch, so that it is compiled once.</summary>
/// <param name="file">Its name.</param>
/// <param name="mutants">Gets those that are made.</param>
/// <param name="without">Numbers of those that do not compile.</param>
internal sealed class Mutator(string file, List<Mutant> mutants, IReadOnlySet<int> without) : CSharpSyntaxRewriter
{
    /// <summary>Marks a node that has a mutant in it, with its number.</summary>
    public const string Mark = "mutant";

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var visited = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        var (left, right) = (Parens(visited.Left), Parens(visited.Right));
        switch (node.Kind())
        {
            case SyntaxKind.LogicalAndExpression:
                return visited.WithLeft(Or(left, New(node.Left, "the first condition is not asked"))).WithRight(Or(right, New(node.Right, "the second condition is not asked")));
            case SyntaxKind.LogicalOrExpression:
                return visited.WithLeft(AndNot(left, New(node.Left, "the first condition is not asked"))).WithRight(AndNot(right, New(node.Right, "the second condition is not asked")));
        }

        (string Change, SyntaxKind Kind)[] others = node.Kind() switch
        {
            SyntaxKind.LessThanExpression => [("<=", SyntaxKind.LessThanOrEqualExpression), (">=", SyntaxKind.GreaterThanOrEqualExpression)],
            SyntaxKind.LessThanOrEqualExpression => [("<", SyntaxKind.LessThanExpression), (">", SyntaxKind.GreaterThanExpression)],
            SyntaxKind.GreaterThanExpression => [(">=", SyntaxKind.GreaterThanOrEqualExpression), ("<=", SyntaxKind.LessThanOrEqualExpression)],
            SyntaxKind.GreaterThanOrEqualExpression => [(">", SyntaxKind.GreaterThanExpression), ("<", SyntaxKind.LessThanExpression)],
            SyntaxKind.EqualsExpression => [("!=", SyntaxKind.NotEqualsExpression)],
            SyntaxKind.NotEqualsExpression => [("==", SyntaxKind.EqualsExpression)],
            SyntaxKind.AddExpression when !IsText(node) => [("-", SyntaxKind.SubtractExpression)],
            SyntaxKind.SubtractExpression => [("+", SyntaxKind.AddExpression)],
            _ => [],
        };
        ExpressionSyntax result = visited;
        foreach (var (change, kind) in others) result = Either(New(node, $"{change} instead"), Parens(BinaryExpression(kind, left, right)), result);
        return result;
    }

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return visited.WithCondition(Condition(node.Condition, visited.Condition));
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var visited = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return Parens(visited.WithCondition(Condition(node.Condition, visited.Condition)));
    }

    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
    {
        var visited = (SimpleLambdaExpressionSyntax)base.VisitSimpleLambdaExpression(node)!;
        return IsFilter(node) && visited.ExpressionBody is { } body ? visited.WithExpressionBody(Condition((ExpressionSyntax)node.Body, body)) : visited;
    }

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) =>
        New(node, "the case is not known") is { } id
            ? CasePatternSwitchLabel(ConstantPattern(node.Value), WhenClause(Not(On(id))), Token(SyntaxKind.ColonToken)).WithAdditionalAnnotations(Annotation(id))
            : node;

    public override SyntaxNode? VisitCasePatternSwitchLabel(CasePatternSwitchLabelSyntax node)
    {
        var visited = (CasePatternSwitchLabelSyntax)base.VisitCasePatternSwitchLabel(node)!;
        if (node.WhenClause is { } when) visited = visited.WithWhenClause(WhenClause(Or(Parens(visited.WhenClause!.Condition), New(when, "the condition is not asked"))));
        if (New(node, "the case is not known") is not { } id) return visited;
        var guard = visited.WhenClause is { } clause ? AndNot(Parens(clause.Condition), id) : Not(On(id));
        return visited.WithWhenClause(WhenClause(guard).WithLeadingTrivia(Space)).WithAdditionalAnnotations(Annotation(id));
    }

    public override SyntaxNode? VisitSwitchExpressionArm(SwitchExpressionArmSyntax node)
    {
        var visited = (SwitchExpressionArmSyntax)base.VisitSwitchExpressionArm(node)!;
        if (node.WhenClause is { } when) visited = visited.WithWhenClause(WhenClause(Or(Parens(visited.WhenClause!.Condition), New(when, "the condition is not asked"))));
        if (node.Pattern is DiscardPatternSyntax || node.Pattern is VarPatternSyntax || New(node, "the case is not known") is not { } id) return visited;
        var guard = visited.WhenClause is { } clause ? AndNot(Parens(clause.Condition), id) : Not(On(id));
        return visited.WithWhenClause(WhenClause(guard).WithLeadingTrivia(Space)).WithAdditionalAnnotations(Annotation(id));
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (node.Ancestors().Any(a => a is AttributeSyntax or ParameterSyntax or PatternSyntax or CaseSwitchLabelSyntax or EnumMemberDeclarationSyntax)) return node;
        if (node.Parent?.Parent?.Parent is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "ConfigureAwait" } }) return node;    // where it goes on is no rule
        if (node.Ancestors().OfType<FieldDeclarationSyntax>().Any(f => f.Modifiers.Any(SyntaxKind.ConstKeyword))) return node;
        return node.Kind() switch
        {
            SyntaxKind.TrueLiteralExpression => Either(New(node, "false instead"), LiteralExpression(SyntaxKind.FalseLiteralExpression), node),
            SyntaxKind.FalseLiteralExpression => Either(New(node, "true instead"), LiteralExpression(SyntaxKind.TrueLiteralExpression), node),
            SyntaxKind.NumericLiteralExpression when node.Token.Value is int n => Either(New(node, $"{n + 1} instead"), LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(n + 1)), node),
            _ => node,
        };
    }

    /// <summary>Calls that are left out, and neighbours that change places.</summary>
    public override SyntaxNode? VisitBlock(BlockSyntax node)
    {
        var visited = (BlockSyntax)base.VisitBlock(node)!;
        return visited.WithStatements(List(Statements(node.Statements, visited.Statements)));
    }

    public override SyntaxNode? VisitSwitchSection(SwitchSectionSyntax node)
    {
        var visited = (SwitchSectionSyntax)base.VisitSwitchSection(node)!;
        return visited.WithStatements(List(Statements(node.Statements, visited.Statements)));
    }

    public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node)
    {
        var visited = (ArrowExpressionClauseSyntax)base.VisitArrowExpressionClause(node)!;
        return node.Parent is MethodDeclarationSyntax { ReturnType: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.BoolKeyword } }
            or PropertyDeclarationSyntax { Type: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.BoolKeyword } }
            ? visited.WithExpression(Condition(node.Expression, visited.Expression)) : visited;
    }

    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    private IEnumerable<StatementSyntax> Statements(SyntaxList<StatementSyntax> before, SyntaxList<StatementSyntax> now)
    {
        for (var i = 0; i < now.Count; i++)
        {
            var left = Left(before[i], now[i]);
            if (i + 1 < now.Count && IsDeed(before[i]) && IsDeed(before[i + 1]) && New(before[i], "changes places with the next") is { } id)
            {
                // The next one is behind the same switch, once before and once after; leaving it out is a mutant of its own place only.
                yield return IfStatement(On(id), Block(now[i + 1])).WithAdditionalAnnotations(Annotation(id));
                yield return left;
                var after = Left(before[i + 1], now[i + 1]);
                yield return IfStatement(Not(On(id)), Block(after)).WithAdditionalAnnotations(Annotation(id));
                i++;
                continue;
            }

            yield return left;
        }
    }

    private StatementSyntax Left(StatementSyntax before, StatementSyntax now)
    {
        if (before is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax or AssignmentExpressionSyntax }) return now;
        if (before.ToString().Contains("ThrowIfNull", StringComparison.Ordinal) || New(before, "is left out") is not { } id) return now;
        return IfStatement(Not(On(id)), Block(now)).WithAdditionalAnnotations(Annotation(id));
    }

    /// <summary>Steps whose order can be seen: a stage that is put down before or after a command of the same turn is the same turn.</summary>
    private static bool IsDeed(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: var called } }
        && ((called.ToString().StartsWith("turn.", StringComparison.Ordinal) && called.ToString() != "turn.Put") || called.ToString() is "Delete" or "Discard" or "ServeNext" or "Deliver" or "Quarantine" or "Detach");

    /// <summary>A condition that is always, or never, true.</summary>
    private ExpressionSyntax Condition(ExpressionSyntax before, ExpressionSyntax now)
    {
        if (before is LiteralExpressionSyntax) return now;
        return Or(Parens(AndNot(Parens(now), New(before, "is never so"))), New(before, "is always so"));
    }

    private static bool IsFilter(SimpleLambdaExpressionSyntax lambda) =>
        lambda.Parent?.Parent?.Parent is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Where" or "Any" or "All" or "First" or "FirstOrDefault" or "Count" or "TakeUntil" } };

    private static bool IsText(BinaryExpressionSyntax node) => node.DescendantNodes().Any(n => n is InterpolatedStringExpressionSyntax || n.IsKind(SyntaxKind.StringLiteralExpression));

    private int? New(SyntaxNode node, string change)
    {
        var code = string.Join(' ', node.ToString().Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
        var mutant = new Mutant(mutants.Count + 1, file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, change, code.Length > 90 ? code[..90] + "…" : code);
        mutants.Add(mutant);
        return without.Contains(mutant.Id) ? null : mutant.Id;
    }

    private static ExpressionSyntax Or(ExpressionSyntax left, int? id) => id is not { } n ? left
        : Parens(BinaryExpression(SyntaxKind.LogicalOrExpression, left, On(n))).WithAdditionalAnnotations(Annotation(n));

    private static ExpressionSyntax AndNot(ExpressionSyntax left, int? id) => id is not { } n ? left
        : Parens(BinaryExpression(SyntaxKind.LogicalAndExpression, left, Not(On(n)))).WithAdditionalAnnotations(Annotation(n));

    private static ExpressionSyntax Either(int? id, ExpressionSyntax mutated, ExpressionSyntax original) => id is not { } n ? original
        : Parens(ConditionalExpression(On(n), mutated.WithoutTrivia(), original.WithoutTrivia())).WithAdditionalAnnotations(Annotation(n)).WithTriviaFrom(original);

    private static ExpressionSyntax On(int id) => ParseExpression($" global::Qfx.Mutants.Switch.On({id}) ");

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax condition) => PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, condition.WithoutTrivia());

    private static ExpressionSyntax Parens(ExpressionSyntax expression) => expression is ParenthesizedExpressionSyntax ? expression : ParenthesizedExpression(expression.WithoutTrivia()).WithTriviaFrom(expression);

    private static SyntaxAnnotation Annotation(int id) => new(Mark, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
