import type { Rule } from "eslint";

export declare const scenarioNames: Rule.RuleModule;
