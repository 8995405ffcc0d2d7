import { say } from '../js/dom.js'

/** The words of the properties panel; what comes from the school's own lists has been said by the server. */
const ENGLISH = {
  '与申请人的关系': 'Relation to the applicant', '本单位的角色': 'Role in the unit', '全校的角色': 'Role in the school', '申请人本人': 'The applicant',
  '单位或岗位（编号）': 'Unit or post (code)', '指定的人（人员号）': 'A person (number)', '角色里谁先认领谁办': 'Whoever of a role claims it',
  '前面某一步的办理人': 'Who decided an earlier step', '查决策表': 'By a decision table', '按表达式': 'By an expression', '个工作日': 'working days',
  '个工作小时': 'working hours', '天': 'days', '小时': 'hours', '名称': 'Name', '谁来办': 'Who decides', '几个人时': 'When there are several',
  '一人办了就行（或签）': 'One is enough', '都要同意（会签）': 'All must agree', '达到比例就行（比例签）': 'A share must agree', '同意的比例（%）': 'Share that must agree (%)',
  '先后': 'Order', '同时办': 'At the same time', '一个接一个': 'One after another', '一人不同意就不通过': 'One refusal refuses', '同意时执行': 'On approval',
  '只记意见': 'Record the opinion only', '不同意时执行': 'On refusal', '办件结束，不另外执行': 'End the matter, nothing else', '办理期限': 'Due within',
  '到期前多久亮黄灯': 'Amber before due', '逾期后': 'When overdue', '提醒': 'Remind', '升级给别人': 'Escalate', '自动通过': 'Approve by itself',
  '自动不通过': 'Refuse by itself', '升级给谁': 'Escalate to', '可以退回': 'May return to', '前面任何一步或申请人': 'Any earlier step or the applicant',
  '只能退给申请人': 'The applicant only', '不能退回': 'Nobody', '意见': 'Opinion', '不同意时必填': 'Required on refusal', '必填': 'Required', '可不填': 'Optional',
  '可以批量同意': 'May be approved in bulk', '前面同一人批过就跳过': 'Skip who approved before', '申请人可以批自己的': 'The applicant may decide it',
  '满足时自动通过': 'Pass by itself when', '找不到人时交给': 'If nobody is found', '办完传阅给': 'Copy when done to', '终止时撤销': 'Undo when ended', '不用': 'Nothing',
  '不许': 'Not allowed', '流程负责人（没人办时找他）': 'Owner (asked when nobody is found)', '撤回时执行': 'On withdrawal', '退回申请人时执行': 'On return to the applicant',
  '重新提交时执行': 'On handing in again', '不通过时执行': 'On refusal', '终止时执行': 'On ending', '不另外执行': 'Nothing else', '走到这里算': 'Ending here counts as',
  '由最后一步决定': 'What the last step decided', '通过': 'Approved', '不通过': 'Refused', '执行操作': 'Carry out', '不执行': 'Nothing', '或系统动作': 'Or a system action',
  '无': 'None', '走这条线的条件': 'Condition of this flow', '过多久': 'After', 'P3D 三天，PT8H 八小时': 'P3D three days, PT8H eight hours',
  '只算工作时间': 'Working time only', '＋ 加一种': '+ Add', '怎么找人': 'How', '是谁': 'Who', '去掉': 'Remove', '单位': 'Unit', '请选择': 'Please choose',
  '可以用：': 'May be used: ', '上一步的结论': 'verdict of the last step', '如': 'e.g.', '同意': 'Approve', '不同意': 'Refuse', '退回': 'Return', '加签': 'Add a signer',
  '转办': 'Hand over', '委托办理': 'Delegate', '撤回': 'Withdraw',
}

export const inEnglish = (chinese) => say(chinese, ENGLISH[chinese] ?? chinese)
